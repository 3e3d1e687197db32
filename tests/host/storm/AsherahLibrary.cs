using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using unsafe Completion = delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, void>;
using unsafe Log = delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void>;

namespace Storm;

/// <summary>The library itself, through include/asherah.h.</summary>
internal sealed unsafe class AsherahLibrary : IGuest
{
    private const int QueueFull = -17;
    private const string Configuration =
        """{"ServiceName":"s","ProductID":"p","Metastore":"memory","KMS":"test-debug-static"}""";

    // Fields that a factory on the host's parts does not use may be there all the same.
    private const string Limited = """{"ServiceName":"s","ProductID":"p","CallbackTimeoutMs":600000}""";

    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Data;
        public nuint Length, Capacity;
    }

    private readonly delegate* unmanaged[Cdecl]<byte*, nint> _factoryNew;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _factoryFree;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nint> _getSession;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _sessionFree;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, Buffer*, int> _encrypt, _decrypt;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, Completion, nint, int> _encryptAsync;
    private readonly delegate* unmanaged[Cdecl]<Buffer*, void> _bufferFree;
    private readonly delegate* unmanaged[Cdecl]<Log, nint, nuint, int, int> _setLogHook;
    private readonly delegate* unmanaged[Cdecl]<byte*> _lastError;
    private readonly delegate* unmanaged[Cdecl]<Buffer*, int> _stats;
    private HostParts? _parts;
    private nint _factory, _session;

    public AsherahLibrary(string path)
    {
        Handle = NativeLibrary.Load(path);
        nint Export(string name) => NativeLibrary.GetExport(Handle, "asherah_" + name);
        _factoryNew = (delegate* unmanaged[Cdecl]<byte*, nint>)Export("factory_new_with_config");
        _factoryFree = (delegate* unmanaged[Cdecl]<nint, void>)Export("factory_free");
        _getSession = (delegate* unmanaged[Cdecl]<nint, byte*, nint>)Export("factory_get_session");
        _sessionFree = (delegate* unmanaged[Cdecl]<nint, void>)Export("session_free");
        _encrypt = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, Buffer*, int>)Export("encrypt_to_json");
        _decrypt = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, Buffer*, int>)Export("decrypt_from_json");
        _encryptAsync =
            (delegate* unmanaged[Cdecl]<nint, byte*, nuint, Completion, nint, int>)Export("encrypt_to_json_async");
        _bufferFree = (delegate* unmanaged[Cdecl]<Buffer*, void>)Export("buffer_free");
        _setLogHook = (delegate* unmanaged[Cdecl]<Log, nint, nuint, int, int>)Export("set_log_hook_with_config");
        _lastError = (delegate* unmanaged[Cdecl]<byte*>)Export("last_error_message");
        _stats = (delegate* unmanaged[Cdecl]<Buffer*, int>)Export("stats");
    }

    public nint Handle { get; }

    public void Open()
    {
        Check(_setLogHook(&OnLog, 0, 1024, 0));
        _parts = new HostParts(Handle);
        _factory = NewFactory();
        _session = NewSession(_factory, "storm");
    }

    public void Call(Random random)
    {
        switch (random.Next(16))
        {
            case 0: ShortLived(random); break;
            case 1: RoundTrip(_session, random, 1 << 20); break;
            case 2: Refused(); break;
            default:
                for (int i = 0; i < 20; i++)
                    RoundTrip(_session, random, 4096);
                break;
        }
    }

    /// <summary>The longest calls there are without a remote store: new factories, whose keys are made first.</summary>
    public void Block()
    {
        var random = new Random(1);
        for (int i = 0; i < 4; i++)
        {
            ShortLived(random);
            RoundTrip(_session, random, 4 << 20);
        }
    }

    public void CallBack()
    {
        const int count = 100;
        using var done = new CountdownEvent(count);
        GCHandle handle = GCHandle.Alloc(done);
        nint context = GCHandle.ToIntPtr(handle);
        try
        {
            byte[] plaintext = new byte[512];
            fixed (byte* data = plaintext)
                for (int i = 0; i < count; i++)
                {
                    int status;
                    while ((status = _encryptAsync(_session, data, 512, &OnCompletion, context)) == QueueFull)
                        Thread.Yield();
                    Check(status);
                }
            done.Wait();
        }
        finally
        {
            handle.Free();
        }
    }

    public string State()
    {
        using JsonDocument parsed = Statistics();
        JsonElement host = parsed.RootElement.GetProperty("host");
        string state = host.GetProperty("state").GetString()!;
        return state == "ok" ? state : $"{state}: {host.GetProperty("reasons")}";
    }

    /// <summary>What is open or secret in the library, or nothing.</summary>
    public string Left()
    {
        using JsonDocument parsed = Statistics();
        JsonElement root = parsed.RootElement;
        return string.Join(", ", root.GetProperty("handles").EnumerateObject().Append(
                root.EnumerateObject().Single(member => member.NameEquals("live_secrets")))
            .Where(member => member.Value.GetInt64() != 0)
            .Select(member => $"{member.Value} {member.Name}"));
    }

    private JsonDocument Statistics()
    {
        Buffer buffer = default;
        Check(_stats(&buffer));
        string json = Encoding.UTF8.GetString(buffer.Data, (int)buffer.Length);
        _bufferFree(&buffer);
        return JsonDocument.Parse(json);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(nint userData, int level, byte* target, byte* message) => Callbacks.Visit();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnCompletion(nint userData, byte* data, nuint length, byte* error)
    {
        if (error is not null || length == 0)
            Environment.FailFast("an asynchronous call failed");
        Callbacks.Visit();
        ((CountdownEvent)GCHandle.FromIntPtr(userData).Target!).Signal();
    }

    private nint NewFactory()
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(Configuration + "\0"))
            return NotNull(_factoryNew(text));
    }

    /// <summary>A factory on the host's parts, called on the threads of callers or of the library.</summary>
    private nint NewFactory(bool limited)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes((limited ? Limited : Configuration) + "\0"))
            return NotNull(_parts!.NewFactory(text));
    }

    private nint NewSession(nint factory, string partition)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(partition + "\0"))
            return NotNull(_getSession(factory, text));
    }

    private void ShortLived(Random random)
    {
        int kind = random.Next(4);
        nint factory = kind < 2 ? NewFactory() : NewFactory(limited: kind == 2);
        nint session = NewSession(factory, $"p{random.Next(1000)}");
        _factoryFree(factory);
        RoundTrip(session, random, 1024);
        _sessionFree(session);
    }

    private void Refused()
    {
        Buffer buffer = default;
        byte[] nonsense = "{\"Key\":1}"u8.ToArray();
        fixed (byte* data = nonsense)
            if (_decrypt(_session, data, (nuint)nonsense.Length, &buffer) == 0)
                throw new InvalidOperationException("nonsense was decrypted");
    }

    private void RoundTrip(nint session, Random random, int limit)
    {
        byte[] plaintext = new byte[random.Next(1, limit)];
        random.NextBytes(plaintext);
        Buffer record = default, back = default;
        fixed (byte* data = plaintext)
            Check(_encrypt(session, data, (nuint)plaintext.Length, &record));
        Check(_decrypt(session, record.Data, record.Length, &back));
        bool same = new ReadOnlySpan<byte>(back.Data, (int)back.Length).SequenceEqual(plaintext);
        _bufferFree(&record);
        _bufferFree(&back);
        if (!same)
            throw new InvalidOperationException("the plaintext came back changed");
    }

    private nint NotNull(nint handle) => handle != 0 ? handle : throw new InvalidOperationException(LastError());

    private void Check(int status)
    {
        if (status != 0)
            throw new InvalidOperationException($"status {status}: {LastError()}");
    }

    private string LastError() => Marshal.PtrToStringUTF8((nint)_lastError()) ?? "";
}
