using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>AES-256-GCM.</content>
    internal static unsafe partial class Native
    {
#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_aes_gcm_seal(
            byte* key,
            byte* nonce,
            byte* data,
            UIntPtr len,
            byte* output,
            UIntPtr capacity,
            UIntPtr* written);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_aes_gcm_open(
            byte* key,
            byte* nonce,
            byte* data,
            UIntPtr len,
            byte* output,
            UIntPtr capacity,
            UIntPtr* written);
    }
}
