using Microsoft.Win32.SafeHandles;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>Owns an AsherahMetastore. Freeing never blocks, so that the finaliser may do it.</summary>
    internal sealed class SafeMetastoreHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        private SafeMetastoreHandle owner;

        public SafeMetastoreHandle()
            : base(ownsHandle: true)
        {
        }

        /// <summary>Returns a second handle to the same metastore, which keeps the first from being freed.</summary>
        internal static SafeMetastoreHandle Share(SafeMetastoreHandle owner)
        {
            var shared = new SafeMetastoreHandle();
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
                Native.asherah_metastore_free(handle);
            }

            return true;
        }
    }
}
