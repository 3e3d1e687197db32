using Microsoft.Win32.SafeHandles;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>Owns an AsherahMetastore. Freeing never blocks, so that the finaliser may do it.</summary>
    internal sealed class SafeMetastoreHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        public SafeMetastoreHandle()
            : base(ownsHandle: true)
        {
        }

        protected override bool ReleaseHandle()
        {
            Native.asherah_metastore_free(handle);
            return true;
        }
    }
}
