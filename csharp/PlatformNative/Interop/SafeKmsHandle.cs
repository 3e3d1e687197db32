using Microsoft.Win32.SafeHandles;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>Owns an AsherahKms. Freeing never blocks, so that the finaliser may do it.</summary>
    internal sealed class SafeKmsHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        public SafeKmsHandle()
            : base(ownsHandle: true)
        {
        }

        protected override bool ReleaseHandle()
        {
            Native.asherah_kms_free(handle);
            return true;
        }
    }
}
