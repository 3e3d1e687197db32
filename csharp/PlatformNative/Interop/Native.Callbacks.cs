using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Metastores, key management services and policies of the host.</content>
    internal static unsafe partial class Native
    {
#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        SafeMetastoreHandle asherah_metastore_new_from_callbacks(AsherahMetastoreCallbacks* callbacks);

#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        SafeKmsHandle asherah_kms_new_from_callbacks(AsherahKmsCallbacks* callbacks);

        /// <summary>ASHERAH_CALLBACKS_VERSION.</summary>
        internal const uint CallbacksVersion = 1;

        /// <summary>ASHERAH_HOST_STATUS: statuses below are the host's own.</summary>
        internal const int HostStatus = -1000;

        /// <summary>ASHERAH_ABSENT: there is no such record.</summary>
        internal const int Absent = 1;

        /// <summary>ASHERAH_DUPLICATE: there is such a record already.</summary>
        internal const int Duplicate = 1;

        /// <summary>ASHERAH_CALLBACKS_ANY_THREAD: threads of the library may call, too.</summary>
        internal const uint AnyThread = 1;

        /// <summary>AsherahReply: what a callback answers with; the functions are the library's.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal struct AsherahReply
        {
            internal UIntPtr Size;

            internal IntPtr Allocate;

            internal IntPtr SetMessage;
        }

        /// <summary>AsherahMetastoreCallbacks: function pointers of a metastore.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal struct AsherahMetastoreCallbacks
        {
            internal UIntPtr Size;

            internal uint Version;

            internal uint Flags;

            internal void* UserData;

            internal IntPtr Load;

            internal IntPtr LoadLatest;

            internal IntPtr Store;

            internal IntPtr KeySuffix;

            internal IntPtr Release;
        }

        /// <summary>AsherahKmsCallbacks: function pointers of a key management service.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal struct AsherahKmsCallbacks
        {
            internal UIntPtr Size;

            internal uint Version;

            internal uint Flags;

            internal void* UserData;

            internal IntPtr EncryptKey;

            internal IntPtr DecryptKey;

            internal IntPtr Release;
        }

        /// <summary>AsherahPolicyCallbacks: function pointers of a crypto policy.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal struct AsherahPolicyCallbacks
        {
            internal UIntPtr Size;

            internal uint Version;

            internal uint Flags;

            internal void* UserData;

            internal IntPtr IsKeyExpired;

            internal IntPtr RevokeCheckPeriodMs;

            internal IntPtr CanCacheSystemKeys;

            internal IntPtr CanCacheIntermediateKeys;

            internal IntPtr IsQueuedRotation;

            internal IntPtr NotifyExpiredSystemKeyOnRead;

            internal IntPtr NotifyExpiredIntermediateKeyOnRead;

            internal IntPtr TruncateSystemKey;

            internal IntPtr TruncateIntermediateKey;

            internal IntPtr Release;
        }
    }
}
