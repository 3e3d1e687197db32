using Microsoft.Win32.SafeHandles;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>
    /// Owns an AsherahSession. It needs no reference to its factory: the library keeps a session usable after its
    /// factory is freed. Freeing never blocks, so that the finaliser may do it.
    /// </summary>
    internal sealed class SafeSessionHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        public SafeSessionHandle()
            : base(ownsHandle: true)
        {
        }

        protected override bool ReleaseHandle()
        {
            Native.asherah_session_free(handle);
            return true;
        }
    }
}
