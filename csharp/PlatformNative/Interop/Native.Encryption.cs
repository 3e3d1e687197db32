using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Encryption and decryption.</content>
    internal static unsafe partial class Native
    {
        /// <summary>ASHERAH_ONLY_IF_CACHED: answer <see cref="Status.WouldBlock"/> instead of asking metastore or
        /// KMS.</summary>
        internal const uint OnlyIfCached = 1;

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        void asherah_buffer_free(AsherahBuffer* buffer);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        UIntPtr asherah_encrypted_size(SafeSessionHandle session, UIntPtr len);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        UIntPtr asherah_decrypted_size(byte* json, UIntPtr len);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_encrypt_into(
            SafeSessionHandle session,
            byte* data,
            UIntPtr len,
            byte* output,
            UIntPtr capacity,
            UIntPtr* written,
            uint flags);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_decrypt_into(
            SafeSessionHandle session,
            byte* json,
            UIntPtr len,
            byte* output,
            UIntPtr capacity,
            UIntPtr* written,
            uint flags);

        /// <summary>AsherahBuffer: bytes made by the library, given back with asherah_buffer_free.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal struct AsherahBuffer
        {
            /// <summary>The bytes, the library's.</summary>
            internal byte* Data;

            /// <summary>How many of them are in use.</summary>
            internal UIntPtr Len;

            /// <summary>How many there are.</summary>
            internal UIntPtr Capacity;
        }
    }
}
