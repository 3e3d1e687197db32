using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <content>Events of a factory.</content>
    internal static unsafe partial class Native
    {
#if NET8_0_OR_GREATER
        [LibraryImport(Library)]
        internal static partial
#else
        [DllImport(Library, ExactSpelling = true)]
        internal static extern
#endif
        int asherah_factory_observe(SafeFactoryHandle factory, AsherahEventCallbacks* callbacks);

        /// <summary>ASHERAH_EVENT_...: what happened to a key.</summary>
        internal enum EventType
        {
            LoadingLatest = 0,
            Loading = 1,
            Storing = 2,
            LoadedLatest = 3,
            Loaded = 4,
            Stored = 5,
            KeyEncrypted = 6,
            KeyDecrypted = 7,
            KeyCached = 8,
            ExpiredKeyRead = 9,
            RotationQueued = 10,
            RotationDone = 11,
            RotationFailed = 12,
            DataKeyGenerated = 13,
            DataKeyEncrypted = 14,
            DataKeyDecrypted = 15,
        }

        /// <summary>AsherahEvent: something that happened to a key of a factory.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal struct AsherahEvent
        {
            internal UIntPtr Size;

            internal EventType Type;

            internal int SystemKey;

            internal int Failed;

            internal int Absent;

            internal byte* Id;

            internal UIntPtr IdLen;

            internal long Created;

            internal ulong DurationNs;

            internal byte* Region;

            internal UIntPtr RegionLen;
        }

        /// <summary>AsherahEventCallbacks: who is told.</summary>
        [StructLayout(LayoutKind.Sequential)]
        internal struct AsherahEventCallbacks
        {
            internal UIntPtr Size;

            internal uint Version;

            internal uint Flags;

            internal void* UserData;

            internal IntPtr Event;

            internal IntPtr Release;
        }

        /// <summary>Whether an event is of a library that tells the region.</summary>
        internal static bool HasRegion(AsherahEvent* happened)
        {
            return (ulong)((byte*)(&happened->RegionLen + 1) - (byte*)happened) <= (ulong)happened->Size;
        }
    }
}
