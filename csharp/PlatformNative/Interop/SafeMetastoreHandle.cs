using System;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>An AsherahMetastore.</summary>
    internal sealed class SafeMetastoreHandle : SafeSharedHandle
    {
        /// <summary>Returns a second handle to the same metastore.</summary>
        internal static SafeMetastoreHandle Share(SafeMetastoreHandle owner)
        {
            var shared = new SafeMetastoreHandle();
            shared.Borrow(owner);
            return shared;
        }

        protected override void Free(IntPtr owned)
        {
            Native.asherah_metastore_free(owned);
        }
    }
}
