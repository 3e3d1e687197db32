using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Batches.</content>
    internal static unsafe partial class Native
    {
#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_encrypt_batch(
            SafeSessionHandle session,
            AsherahSlice* inputs,
            UIntPtr count,
            AsherahResult* results,
            uint flags);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_decrypt_batch(
            SafeSessionHandle session,
            AsherahSlice* inputs,
            UIntPtr count,
            AsherahResult* results,
            uint flags);

        /// <summary>AsherahSlice: one input.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal struct AsherahSlice
        {
            internal byte* Data;

            internal UIntPtr Len;
        }

        /// <summary>AsherahResult: one result.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal struct AsherahResult
        {
            internal AsherahBuffer Buffer;

            internal int Status;

            internal int Reserved;
        }
    }
}
