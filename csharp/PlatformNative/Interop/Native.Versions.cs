using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Versions.</content>
    internal static unsafe partial class Native
    {
        /// <summary>ASHERAH_ABI_VERSION this assembly was written for: the least that it can use.</summary>
        internal const int AbiVersion = 2;

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        byte* asherah_version();

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_abi_version();
    }
}
