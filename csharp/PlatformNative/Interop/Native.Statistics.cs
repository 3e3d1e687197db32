using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Statistics.</content>
    internal static unsafe partial class Native
    {
#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_stats(AsherahBuffer* output);
    }
}
