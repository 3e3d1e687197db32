using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Metastores.</content>
    internal static unsafe partial class Native
    {
#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        SafeMetastoreHandle asherah_metastore_new(byte* configJson);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        void asherah_metastore_free(IntPtr metastore);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_metastore_load(
            SafeMetastoreHandle metastore,
            byte* id,
            UIntPtr idLen,
            long created,
            AsherahBuffer* record);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_metastore_load_latest(
            SafeMetastoreHandle metastore,
            byte* id,
            UIntPtr idLen,
            AsherahBuffer* record);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_metastore_store(
            SafeMetastoreHandle metastore,
            byte* id,
            UIntPtr idLen,
            long created,
            byte* record,
            UIntPtr recordLen,
            int* stored);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_metastore_key_suffix(SafeMetastoreHandle metastore, AsherahBuffer* suffix);
    }
}
