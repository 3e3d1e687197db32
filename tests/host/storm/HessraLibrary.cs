using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Storm;

/// <summary>libhessra, through include/hessra.h. HESSRA_CASES names the vectors, of which one token is judged.</summary>
internal sealed unsafe class HessraLibrary : IGuest
{
    private const int Success = 0, VerificationFailed = 3;

    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        public uint Size, Kind;
        public byte* Subject, Resource, Operation, Domain, Prefix, Identity, ServiceNodes, Component;
        public uint Flags, Reserved;
        public long Now;
    }

    private readonly delegate* unmanaged[Cdecl]<int> _init;
    private readonly delegate* unmanaged[Cdecl]<byte*, nint*, int> _keyFromString, _parse;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _keyFree, _tokenFree;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, Request*, int> _authorize;
    private readonly byte[] _text, _pem, _subject, _resource, _operation;
    private readonly byte[] _nobody = "nobody\0"u8.ToArray();
    private nint _key, _token;

    public HessraLibrary(string path)
    {
        Handle = NativeLibrary.Load(path);
        nint Export(string name) => NativeLibrary.GetExport(Handle, "hessra_" + name);
        _init = (delegate* unmanaged[Cdecl]<int>)Export("init");
        _keyFromString = (delegate* unmanaged[Cdecl]<byte*, nint*, int>)Export("public_key_from_string");
        _parse = (delegate* unmanaged[Cdecl]<byte*, nint*, int>)Export("token_parse");
        _keyFree = (delegate* unmanaged[Cdecl]<nint, void>)Export("public_key_free");
        _tokenFree = (delegate* unmanaged[Cdecl]<nint, void>)Export("token_free");
        _authorize = (delegate* unmanaged[Cdecl]<nint, nint, Request*, int>)Export("token_authorize");
        string file = Environment.GetEnvironmentVariable("HESSRA_CASES") ?? throw new ArgumentException("no HESSRA_CASES");
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement sample = cases.RootElement.GetProperty("cases").EnumerateArray()
            .Single(element => element.GetProperty("name").GetString() == "p256_root_ok");
        JsonElement arguments = sample.GetProperty("args");
        static byte[] Text(JsonElement parent, string name) =>
            Encoding.UTF8.GetBytes(parent.GetProperty(name).GetString() + "\0");
        _text = Text(sample, "token");
        _pem = Text(sample, "public_key");
        _subject = Text(arguments, "subject");
        _resource = Text(arguments, "resource");
        _operation = Text(arguments, "operation");
    }

    public nint Handle { get; }

    public static bool Is(string path)
    {
        nint handle = NativeLibrary.Load(path);
        return NativeLibrary.TryGetExport(handle, "hessra_version", out _);
    }

    public void Open()
    {
        Expect(_init(), Success);
        _key = Make(_keyFromString, _pem);
        _token = Make(_parse, _text);
    }

    public void Call(Random random)
    {
        Judge(_token, _key, _subject, Success);
        Judge(_token, _key, _nobody, VerificationFailed);
    }

    /// <summary>Tokens whose signatures are judged anew.</summary>
    public void Block()
    {
        for (int i = 0; i < 20; i++)
            CallBack();
    }

    /// <summary>It never calls back; handles are made and freed instead.</summary>
    public void CallBack()
    {
        nint key = Make(_keyFromString, _pem), token = Make(_parse, _text);
        Judge(token, key, _subject, Success);
        _tokenFree(token);
        _keyFree(key);
    }

    public string State() => _init() == Success ? "ok" : "it does not run";

    private static nint Make(delegate* unmanaged[Cdecl]<byte*, nint*, int> function, byte[] text)
    {
        nint made;
        fixed (byte* bytes = text)
            Expect(function(bytes, &made), Success);
        return made;
    }

    private void Judge(nint token, nint key, byte[] subject, int expected)
    {
        fixed (byte* s = subject, r = _resource, o = _operation)
        {
            var request = new Request
            {
                Size = (uint)sizeof(Request),
                Kind = 2,
                Subject = s,
                Resource = r,
                Operation = o,
            };
            Expect(_authorize(token, key, &request), expected);
        }
    }

    private static void Expect(int result, int expected)
    {
        if (result != expected)
            throw new InvalidOperationException($"libhessra answered {result}, not {expected}");
    }
}
