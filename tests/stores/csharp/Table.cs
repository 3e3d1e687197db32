using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace HostStores;

/// <summary>Functions of the host for the library: user data is the handle of the object that does the work.</summary>
internal abstract unsafe class Table
{
    private int _released;

    public nint Handle { get; protected set; }

    public int Released => Volatile.Read(ref _released);

    public abstract void Free();

    protected nint NewUserData() => GCHandle.ToIntPtr(GCHandle.Alloc(this));

    protected static T Of<T>(nint userData) => (T)GCHandle.FromIntPtr(userData).Target!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    protected static void Release(nint userData)
    {
        GCHandle handle = GCHandle.FromIntPtr(userData);
        Interlocked.Increment(ref ((Table)handle.Target!)._released);
        handle.Free();
    }

    /// <summary>Answers with the status and the result of <paramref name="work"/>. Nothing may be thrown.</summary>
    protected static int Answer(Native.Reply* reply, Func<(int Status, byte[]? Result)> work)
    {
        try
        {
            (int status, byte[]? result) = work();
            if (result is null)
                return status;
            byte* memory = reply->Allocate(reply, (nuint)result.Length);
            if (memory is null)
                return Native.HostStatus;
            result.CopyTo(new Span<byte>(memory, result.Length));
            CryptographicOperations.ZeroMemory(result);
            return status;
        }
        catch (Exception e)
        {
            byte[] message = Encoding.UTF8.GetBytes(e.Message);
            fixed (byte* start = message)
                reply->SetMessage(reply, start, (nuint)message.Length);
            return Native.HostStatus;
        }
    }

    protected static nint NotZero(nint handle) =>
        handle != 0 ? handle : throw new InvalidOperationException(LastError());

    public static string LastError() => Marshal.PtrToStringUTF8((nint)Native.LastErrorMessage()) ?? "no message";
}

/// <summary>Key records by id and time of creation.</summary>
internal sealed class Records(string suffix)
{
    private readonly ConcurrentDictionary<string, SortedList<long, byte[]>> _byId = new(StringComparer.Ordinal);

    public string Suffix { get; } = suffix;

    public byte[]? Load(string id, long created) => Read(id, list => list.GetValueOrDefault(created));

    public byte[]? LoadLatest(string id) =>
        Read(id, list => list.Count > 0 ? list.GetValueAtIndex(list.Count - 1) : null);

    public bool Store(string id, long created, byte[] record)
    {
        SortedList<long, byte[]> list = _byId.GetOrAdd(id, _ => []);
        lock (list)
            return list.TryAdd(created, record);
    }

    private byte[]? Read(string id, Func<SortedList<long, byte[]>, byte[]?> read)
    {
        if (!_byId.TryGetValue(id, out SortedList<long, byte[]>? list))
            return null;
        lock (list)
            return read(list)?.ToArray();
    }
}

internal sealed unsafe class MetastoreTable : Table
{
    public MetastoreTable(Records records)
    {
        Records = records;
        Native.MetastoreCallbacks callbacks = new()
        {
            Size = (nuint)sizeof(Native.MetastoreCallbacks),
            Version = Native.CallbacksVersion,
            UserData = NewUserData(),
            Load = &Load,
            LoadLatest = &LoadLatest,
            Store = &Store,
            KeySuffix = &KeySuffix,
            Release = &Release,
        };
        Handle = NotZero(Native.MetastoreNew(&callbacks));
    }

    public Records Records { get; }

    public override void Free() => Native.MetastoreFree(Handle);

    private static string Text(byte* text, nuint length) => Encoding.UTF8.GetString(text, (int)length);

    private static (int, byte[]?) Found(byte[]? record) => (record is null ? Native.Absent : Native.Ok, record);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Load(nint userData, byte* id, nuint idLength, long created, Native.Reply* reply) =>
        Answer(reply, () => Found(Of<MetastoreTable>(userData).Records.Load(Text(id, idLength), created)));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int LoadLatest(nint userData, byte* id, nuint idLength, Native.Reply* reply) =>
        Answer(reply, () => Found(Of<MetastoreTable>(userData).Records.LoadLatest(Text(id, idLength))));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Store(nint userData, byte* id, nuint idLength, long created, byte* record, nuint recordLength,
        Native.Reply* reply) => Answer(reply, () =>
    {
        byte[] kept = new ReadOnlySpan<byte>(record, (int)recordLength).ToArray();
        bool stored = Of<MetastoreTable>(userData).Records.Store(Text(id, idLength), created, kept);
        return (stored ? Native.Ok : Native.Duplicate, null);
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int KeySuffix(nint userData, Native.Reply* reply) =>
        Answer(reply, () => (Native.Ok, Encoding.UTF8.GetBytes(Of<MetastoreTable>(userData).Records.Suffix)));
}

/// <summary>A KMS with a master key: a wrapped key is nonce || ciphertext || tag.</summary>
internal sealed unsafe class KmsTable : Table
{
    private const int NonceSize = 12, TagSize = 16;
    private readonly byte[] _master;

    public KmsTable(byte[] master)
    {
        _master = master;
        Native.KmsCallbacks callbacks = new()
        {
            Size = (nuint)sizeof(Native.KmsCallbacks),
            Version = Native.CallbacksVersion,
            UserData = NewUserData(),
            EncryptKey = &EncryptKey,
            DecryptKey = &DecryptKey,
            Release = &Release,
        };
        Handle = NotZero(Native.KmsNew(&callbacks));
    }

    public override void Free() => Native.KmsFree(Handle);

    public byte[] Wrap(ReadOnlySpan<byte> key)
    {
        byte[] blob = new byte[NonceSize + key.Length + TagSize];
        RandomNumberGenerator.Fill(blob.AsSpan(0, NonceSize));
        using AesGcm cipher = new(_master, TagSize);
        Span<byte> sealedKey = blob.AsSpan(NonceSize, key.Length), tag = blob.AsSpan(NonceSize + key.Length);
        cipher.Encrypt(blob.AsSpan(0, NonceSize), key, sealedKey, tag);
        return blob;
    }

    private byte[] Unwrap(ReadOnlySpan<byte> blob)
    {
        if (blob.Length < NonceSize + TagSize)
            throw new CryptographicException("the wrapped key is too short");
        byte[] key = new byte[blob.Length - NonceSize - TagSize];
        using AesGcm cipher = new(_master, TagSize);
        cipher.Decrypt(blob[..NonceSize], blob[NonceSize..^TagSize], blob[^TagSize..], key);
        return key;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int EncryptKey(nint userData, byte* key, nuint keyLength, long created, int revoked,
        Native.Reply* reply) =>
        Answer(reply, () => (Native.Ok, Of<KmsTable>(userData).Wrap(new ReadOnlySpan<byte>(key, (int)keyLength))));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int DecryptKey(nint userData, byte* blob, nuint blobLength, long created, int revoked,
        Native.Reply* reply) =>
        Answer(reply, () => (Native.Ok, Of<KmsTable>(userData).Unwrap(new ReadOnlySpan<byte>(blob, (int)blobLength))));
}
