using Microsoft.Win32.SafeHandles;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>Owns an AsherahSecret. Freeing never blocks, so that the finaliser may do it.</summary>
    internal sealed class SafeSecretHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        public SafeSecretHandle()
            : base(ownsHandle: true)
        {
        }

        protected override bool ReleaseHandle()
        {
            Native.asherah_secret_free(handle);
            return true;
        }
    }
}
