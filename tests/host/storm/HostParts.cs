using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using unsafe Load = delegate* unmanaged[Cdecl]<nint, byte*, nuint, long, void*, int>;
using unsafe LoadLatest = delegate* unmanaged[Cdecl]<nint, byte*, nuint, void*, int>;
using unsafe Store = delegate* unmanaged[Cdecl]<nint, byte*, nuint, long, byte*, nuint, void*, int>;
using unsafe Wrap = delegate* unmanaged[Cdecl]<nint, byte*, nuint, long, int, void*, int>;

namespace Storm;

/// <summary>
/// A metastore and a KMS of the host: managed code that the library calls on its callers' threads, and with a time
/// limit on threads of its own. The KMS keeps nothing secret.
/// </summary>
internal sealed unsafe class HostParts
{
    private const int Absent = 1, Duplicate = 1;
    private static readonly ConcurrentDictionary<(string Id, long Created), byte[]> s_records = new();

    [StructLayout(LayoutKind.Sequential)]
    private struct Reply
    {
        public nuint Size;
        public delegate* unmanaged[Cdecl]<Reply*, nuint, byte*> Allocate;
        public nint SetMessage;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MetastoreTable
    {
        public nuint Size;
        public uint Version, Flags;
        public nint UserData;
        public Load Load;
        public LoadLatest LoadLatest;
        public Store Store;
        public nint KeySuffix, Release;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct KmsTable
    {
        public nuint Size;
        public uint Version, Flags;
        public nint UserData;
        public Wrap EncryptKey, DecryptKey;
        public nint Release;
    }

    private readonly delegate* unmanaged[Cdecl]<byte*, nint, nint, nint, nint> _factoryNew;
    private readonly nint _metastore, _kms;

    public HostParts(nint library)
    {
        nint Export(string name) => NativeLibrary.GetExport(library, "asherah_" + name);
        _factoryNew = (delegate* unmanaged[Cdecl]<byte*, nint, nint, nint, nint>)Export("factory_new");
        var metastoreNew = (delegate* unmanaged[Cdecl]<MetastoreTable*, nint>)Export("metastore_new_from_callbacks");
        var kmsNew = (delegate* unmanaged[Cdecl]<KmsTable*, nint>)Export("kms_new_from_callbacks");
        MetastoreTable metastore = new()
        {
            Size = (nuint)sizeof(MetastoreTable),
            Version = 1,
            Load = &OnLoad,
            LoadLatest = &OnLoadLatest,
            Store = &OnStore,
        };
        KmsTable kms = new()
        {
            Size = (nuint)sizeof(KmsTable),
            Version = 1,
            EncryptKey = &OnWrap,
            DecryptKey = &OnWrap,
        };
        _metastore = metastoreNew(&metastore);
        _kms = kmsNew(&kms);
    }

    public nint NewFactory(byte* configuration) => _factoryNew(configuration, _metastore, _kms, 0);

    private static string Text(byte* id, nuint length) => Marshal.PtrToStringUTF8((nint)id, (int)length);

    private static int Answer(void* reply, ReadOnlySpan<byte> result)
    {
        byte* memory = ((Reply*)reply)->Allocate((Reply*)reply, (nuint)result.Length);
        if (memory is null)
            return -1000;
        result.CopyTo(new Span<byte>(memory, result.Length));
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnLoad(nint userData, byte* id, nuint length, long created, void* reply)
    {
        Callbacks.Visit();
        return s_records.TryGetValue((Text(id, length), created), out byte[]? record) ? Answer(reply, record) : Absent;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnLoadLatest(nint userData, byte* id, nuint length, void* reply)
    {
        Callbacks.Visit();
        string name = Text(id, length);
        byte[]? latest = null;
        long newest = long.MinValue;
        foreach (var ((other, created), record) in s_records)
            if (created > newest && other == name)
                (newest, latest) = (created, record);
        return latest is null ? Absent : Answer(reply, latest);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnStore(nint userData, byte* id, nuint length, long created, byte* record, nuint recordLength,
        void* reply)
    {
        Callbacks.Visit();
        byte[] kept = new ReadOnlySpan<byte>(record, (int)recordLength).ToArray();
        return s_records.TryAdd((Text(id, length), created), kept) ? 0 : Duplicate;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnWrap(nint userData, byte* bytes, nuint length, long created, int revoked, void* reply)
    {
        Callbacks.Visit();
        byte[] turned = new ReadOnlySpan<byte>(bytes, (int)length).ToArray();
        for (int i = 0; i < turned.Length; i++)
            turned[i] ^= 0xff;
        return Answer(reply, turned);
    }
}
