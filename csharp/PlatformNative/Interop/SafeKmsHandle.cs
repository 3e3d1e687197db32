using Microsoft.Win32.SafeHandles;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>Owns an AsherahKms. Freeing never blocks, so that the finaliser may do it.</summary>
    internal sealed class SafeKmsHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        private SafeKmsHandle owner;

        public SafeKmsHandle()
            : base(ownsHandle: true)
        {
        }

        /// <summary>Returns a second handle to the same key management service, which keeps the first from being freed.</summary>
        internal static SafeKmsHandle Share(SafeKmsHandle owner)
        {
            var shared = new SafeKmsHandle();
            bool added = false;
            owner.DangerousAddRef(ref added);
            shared.owner = owner;
            shared.SetHandle(owner.DangerousGetHandle());
            return shared;
        }

        protected override bool ReleaseHandle()
        {
            if (owner != null)
            {
                owner.DangerousRelease();
            }
            else
            {
                Native.asherah_kms_free(handle);
            }

            return true;
        }
    }
}
