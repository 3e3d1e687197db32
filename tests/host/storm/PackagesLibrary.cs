using System.Text;
using GoDaddy.Asherah.AppEncryption;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using Newtonsoft.Json.Linq;

namespace Storm;

/// <summary>The library through the packages for .NET: user-written parts that make mistakes, factories that live for
/// one call, sessions cached and not.</summary>
internal sealed class PackagesLibrary : IGuest
{
    private readonly AsherahLibrary _library;
    private SessionFactory? _plain, _cached, _called;
    private Session<byte[], byte[]>? _session;

    public PackagesLibrary(string path)
    {
        // Where the packages look first.
        Environment.SetEnvironmentVariable("ASHERAH_NATIVE_LIBRARY", path);
        _library = new AsherahLibrary(path);
    }

    public nint Handle => _library.Handle;

    public void Open()
    {
        _plain = Build(new InMemoryMetastoreImpl<JObject>(), new NeverExpiredCryptoPolicy(), false);
        _cached = Build(new InMemoryMetastoreImpl<JObject>(), new StormPolicy(true), false);
        _called = Build(new StormMetastore(), new StormPolicy(true), true);
        _session = _plain.GetSessionBytes("storm");
    }

    public void Call(Random random)
    {
        string partition = $"p{random.Next(64)}";
        switch (random.Next(16))
        {
            case 0: HostMistake.Expect(() => ShortLived(random)); break;
            case 1: RoundTrip(_session!, random, 1 << 20); break;
            case 2: Refused(); break;
            case 3: Json(random); break;
            case 4: Asynchronous(random).GetAwaiter().GetResult(); break;
            case 5: HostMistake.Expect(() => InSession(_called!, partition, random)); break;
            case 6: InSession(_cached!, partition, random); break;
            case 7: InSession(_plain!, partition, random); break;
            default:
                for (int i = 0; i < 20; i++)
                    RoundTrip(_session!, random, 4096);
                break;
        }
    }

    public void Block()
    {
        var random = new Random(1);
        for (int i = 0; i < 4; i++)
        {
            HostMistake.Expect(() => ShortLived(random));
            RoundTrip(_session!, random, 4 << 20);
        }
    }

    /// <summary>Cold partitions through parts of the host, from the thread pool.</summary>
    public void CallBack()
    {
        using SessionFactory factory = Build(new StormMetastore(), new StormPolicy(false), true);
        Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes($"p{i}");
            try
            {
                await session.DecryptAsync(await session.EncryptAsync(new byte[100]));
            }
            catch (Exception e)
            {
                HostMistake.Expect(() => throw new InvalidOperationException("a call failed", e));
            }
        })).GetAwaiter().GetResult();
    }

    public string State() => _library.State();

    public void Close()
    {
        _session!.Dispose();
        foreach (SessionFactory? factory in new[] { _plain, _cached, _called })
            factory!.Dispose();
        _session = null;
        _plain = _cached = _called = null;
        for (int i = 0; i < 300 && _library.Left().Length != 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(100);
        }
        if (_library.Left() is { Length: > 0 } left)
            throw new InvalidOperationException($"the library still has {left}");
    }

    private static SessionFactory Build(IMetastore<JObject> metastore, CryptoPolicy policy, bool mistaken)
    {
        SessionFactory.IKeyManagementServiceStep step = SessionFactory.NewBuilder("product", "service")
            .WithMetastore(metastore)
            .WithCryptoPolicy(policy);
        return (mistaken
            ? step.WithKeyManagementService(new StormKms())
            : step.WithStaticKeyManagementService("thisIsAStaticMasterKeyForTesting")).Build();
    }

    private static void InSession(SessionFactory factory, string partition, Random random)
    {
        using Session<byte[], byte[]> session = factory.GetSessionBytes(partition);
        RoundTrip(session, random, 4096);
    }

    private static void ShortLived(Random random)
    {
        SessionFactory factory = Build(new StormMetastore(), new StormPolicy(random.Next(2) == 0), true);
        using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
        factory.Dispose();
        RoundTrip(session, random, 1024);
        // Left to its finaliser.
        Build(new InMemoryMetastoreImpl<JObject>(), new NeverExpiredCryptoPolicy(), false).GetSessionBytes("left");
    }

    private static void RoundTrip(Session<byte[], byte[]> session, Random random, int limit)
    {
        byte[] plaintext = new byte[random.Next(1, limit)];
        random.NextBytes(plaintext);
        if (!session.Decrypt(session.Encrypt(plaintext)).AsSpan().SequenceEqual(plaintext))
            throw new InvalidOperationException("the plaintext came back changed");
    }

    private void Json(Random random)
    {
        using Session<JObject, JObject> session = _plain!.GetSessionJsonAsJson("storm");
        var payload = new JObject { ["number"] = random.Next(), ["text"] = "größe" };
        if (!JToken.DeepEquals(payload, session.Decrypt(session.Encrypt(payload))))
            throw new InvalidOperationException("the payload came back changed");
    }

    private async Task Asynchronous(Random random)
    {
        using Session<byte[], byte[]> session = _plain!.GetSessionBytes($"async{random.Next(64)}");
        byte[] back = await session.DecryptAsync(await session.EncryptAsync(Encoding.UTF8.GetBytes("text")));
        if (Encoding.UTF8.GetString(back) != "text")
            throw new InvalidOperationException("the plaintext came back changed");
    }

    private void Refused()
    {
        try
        {
            _session!.Decrypt("{\"Key\":1}"u8.ToArray());
        }
        catch (SystemException)
        {
            return;
        }
        throw new InvalidOperationException("nonsense was decrypted");
    }
}
