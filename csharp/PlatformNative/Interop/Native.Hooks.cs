using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Hooks.</content>
    internal static unsafe partial class Native
    {
#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_set_log_hook_with_config(IntPtr callback, void* userData, UIntPtr queueCapacity, int minLevel);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_clear_log_hook();

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_set_metrics_hook_with_config(IntPtr callback, void* userData, UIntPtr queueCapacity);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_clear_metrics_hook();

        /// <summary>ASHERAH_LOG_TRACE; the levels are counted up from here.</summary>
        internal const int LogTrace = 0;

        /// <summary>ASHERAH_LOG_DEBUG.</summary>
        internal const int LogDebug = 1;

        /// <summary>ASHERAH_LOG_INFO.</summary>
        internal const int LogInfo = 2;

        /// <summary>ASHERAH_LOG_WARN.</summary>
        internal const int LogWarn = 3;

        /// <summary>ASHERAH_LOG_ERROR.</summary>
        internal const int LogError = 4;
    }
}
