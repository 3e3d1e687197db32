using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Factories.</content>
    internal static unsafe partial class Native
    {
#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        SafeFactoryHandle asherah_factory_new_with_config(byte* configJson);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        void asherah_factory_free(IntPtr factory);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        SafeFactoryHandle asherah_factory_new(
            byte* configJson,
            SafeMetastoreHandle metastore,
            SafeKmsHandle kms,
            AsherahPolicyCallbacks* policy);
    }
}
