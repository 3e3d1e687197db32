using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Asynchronous calls.</content>
    internal static unsafe partial class Native
    {
#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_encrypt_start(
            SafeSessionHandle session,
            byte* data,
            UIntPtr len,
            IntPtr callback,
            void* userData,
            IntPtr* call);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_decrypt_start(
            SafeSessionHandle session,
            byte* json,
            UIntPtr len,
            IntPtr callback,
            void* userData,
            IntPtr* call);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_call_cancel(IntPtr call);
    }
}
