using System;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>An AsherahKms.</summary>
    internal sealed class SafeKmsHandle : SafeSharedHandle
    {
        /// <summary>Returns a second handle to the same key management service.</summary>
        internal static SafeKmsHandle Share(SafeKmsHandle owner)
        {
            var shared = new SafeKmsHandle();
            shared.Borrow(owner);
            return shared;
        }

        protected override void Free(IntPtr owned)
        {
            Native.asherah_kms_free(owned);
        }
    }
}
