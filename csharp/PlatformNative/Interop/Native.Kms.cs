using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Key management services.</content>
    internal static unsafe partial class Native
    {
#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        SafeKmsHandle asherah_kms_new(byte* configJson);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        void asherah_kms_free(IntPtr kms);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_kms_encrypt_key(
            SafeKmsHandle kms,
            byte* key,
            UIntPtr keyLen,
            long created,
            int revoked,
            AsherahBuffer* blob);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_kms_decrypt_key(
            SafeKmsHandle kms,
            byte* blob,
            UIntPtr blobLen,
            long created,
            int revoked,
            AsherahBuffer* key);
    }
}
