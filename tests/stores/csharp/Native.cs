using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HostStores;

/// <summary>What is used of include/asherah.h.</summary>
internal static unsafe partial class Native
{
    public const int Ok = 0, Absent = 1, Duplicate = 1, HostStatus = -1000;
    public const uint CallbacksVersion = 1;
    private const string Library = "asherah";

    [StructLayout(LayoutKind.Sequential)]
    public struct Buffer
    {
        public byte* Data;
        public nuint Length, Capacity;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Reply
    {
        public nuint Size;
        public delegate* unmanaged[Cdecl]<Reply*, nuint, byte*> Allocate;
        public delegate* unmanaged[Cdecl]<Reply*, byte*, nuint, void> SetMessage;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MetastoreCallbacks
    {
        public nuint Size;
        public uint Version, Flags;
        public nint UserData;
        public delegate* unmanaged[Cdecl]<nint, byte*, nuint, long, Reply*, int> Load;
        public delegate* unmanaged[Cdecl]<nint, byte*, nuint, Reply*, int> LoadLatest;
        public delegate* unmanaged[Cdecl]<nint, byte*, nuint, long, byte*, nuint, Reply*, int> Store;
        public delegate* unmanaged[Cdecl]<nint, Reply*, int> KeySuffix;
        public delegate* unmanaged[Cdecl]<nint, void> Release;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct KmsCallbacks
    {
        public nuint Size;
        public uint Version, Flags;
        public nint UserData;
        public delegate* unmanaged[Cdecl]<nint, byte*, nuint, long, int, Reply*, int> EncryptKey;
        public delegate* unmanaged[Cdecl]<nint, byte*, nuint, long, int, Reply*, int> DecryptKey;
        public delegate* unmanaged[Cdecl]<nint, void> Release;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PolicyCallbacks
    {
        public nuint Size;
        public uint Version, Flags;
        public nint UserData;
        public delegate* unmanaged[Cdecl]<nint, long, int> IsKeyExpired;
        public delegate* unmanaged[Cdecl]<nint, long> RevokeCheckPeriodMs;
        public delegate* unmanaged[Cdecl]<nint, int> CanCacheSystemKeys, CanCacheIntermediateKeys, IsQueuedRotation;
        public delegate* unmanaged[Cdecl]<nint, int> NotifyExpiredSystemKeyOnRead, NotifyExpiredIntermediateKeyOnRead;
        public delegate* unmanaged[Cdecl]<nint, long, long> TruncateSystemKey, TruncateIntermediateKey;
        public delegate* unmanaged[Cdecl]<nint, void> Release;
    }

    [LibraryImport(Library, EntryPoint = "asherah_metastore_new_from_callbacks")]
    public static partial nint MetastoreNew(MetastoreCallbacks* callbacks);

    [LibraryImport(Library, EntryPoint = "asherah_metastore_free")]
    public static partial void MetastoreFree(nint metastore);

    [LibraryImport(Library, EntryPoint = "asherah_metastore_load")]
    public static partial int Load(nint metastore, byte* id, nuint idLength, long created, Buffer* record);

    [LibraryImport(Library, EntryPoint = "asherah_metastore_load_latest")]
    public static partial int LoadLatest(nint metastore, byte* id, nuint idLength, Buffer* record);

    [LibraryImport(Library, EntryPoint = "asherah_metastore_store")]
    public static partial int Store(nint metastore, byte* id, nuint idLength, long created, byte* record,
        nuint recordLength, int* stored);

    [LibraryImport(Library, EntryPoint = "asherah_metastore_key_suffix")]
    public static partial int KeySuffix(nint metastore, Buffer* suffix);

    [LibraryImport(Library, EntryPoint = "asherah_kms_new_from_callbacks")]
    public static partial nint KmsNew(KmsCallbacks* callbacks);

    [LibraryImport(Library, EntryPoint = "asherah_kms_free")]
    public static partial void KmsFree(nint kms);

    [LibraryImport(Library, EntryPoint = "asherah_kms_encrypt_key")]
    public static partial int EncryptKey(nint kms, byte* key, nuint keyLength, long created, int revoked, Buffer* blob);

    [LibraryImport(Library, EntryPoint = "asherah_kms_decrypt_key")]
    public static partial int DecryptKey(nint kms, byte* blob, nuint blobLength, long created, int revoked,
        Buffer* key);

    [LibraryImport(Library, EntryPoint = "asherah_buffer_free")]
    public static partial void BufferFree(Buffer* buffer);

    [LibraryImport(Library, EntryPoint = "asherah_stats")]
    public static partial int Stats(Buffer* stats);

    [LibraryImport(Library, EntryPoint = "asherah_last_error_message")]
    public static partial byte* LastErrorMessage();

    /// <summary>Loads the library from ASHERAH_LIB and compares the layouts with those of the header.</summary>
    public static void Initialize()
    {
        string path = Environment.GetEnvironmentVariable("ASHERAH_LIB")
            ?? throw new InvalidOperationException("no ASHERAH_LIB");
        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (_, _, _) => NativeLibrary.Load(path));
        Expect<Buffer>(24, [0, 8, 16]);
        Expect<Reply>(24, [0, 8, 16]);
        Expect<MetastoreCallbacks>(64, [0, 8, 12, 16, 24, 32, 40, 48, 56]);
        Expect<KmsCallbacks>(48, [0, 8, 12, 16, 24, 32, 40]);
        Expect<PolicyCallbacks>(104, [0, 8, 12, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96]);
    }

    private static void Expect<T>(int size, int[] offsets) where T : unmanaged
    {
        int[] found = [.. typeof(T).GetFields().Select(field => (int)Marshal.OffsetOf<T>(field.Name))];
        if (Unsafe.SizeOf<T>() != size || !found.SequenceEqual(offsets))
            throw new InvalidOperationException(
                $"{typeof(T).Name} has another layout: {Unsafe.SizeOf<T>()} bytes, {string.Join(' ', found)}");
    }
}
