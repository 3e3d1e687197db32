using Microsoft.Win32.SafeHandles;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>Owns an AsherahFactory. Freeing never blocks, so that the finaliser may do it.</summary>
    internal sealed class SafeFactoryHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        public SafeFactoryHandle()
            : base(ownsHandle: true)
        {
        }

        protected override bool ReleaseHandle()
        {
            Native.asherah_factory_free(handle);
            return true;
        }
    }
}
