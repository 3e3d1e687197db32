using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Bindings;

/// <summary>The functions of asherah-cobhan.</summary>
internal static class CobhanTests
{
    private const int NotInitialized = -100, AlreadyInitialized = -101, DecryptFailed = -104, BadConfig = -105;

    private const string Config =
        """{"ServiceName":"service","ProductID":"product","Metastore":"memory","KMS":"test-debug-static"}""";

    public static void Run()
    {
        Test.Run("Cobhan: round trips", RoundTrips);
        Test.Run("Cobhan: states", States);
        Test.Run("Cobhan: members one by one", Members);
        Test.Run("Cobhan: environment", SetEnvironment);
        Test.Run("Cobhan: threads", Threads);
    }

    private static int Setup(string config)
    {
        using var buffer = new CobhanBuffer(config);
        return CobhanNative.SetupJson(buffer.Pointer);
    }

    private static void Started(Action use)
    {
        Test.Expect(Setup(Config) == 0, "SetupJson fails");
        try
        {
            use();
        }
        finally
        {
            CobhanNative.Shutdown();
        }
    }

    private static int Encrypt(string partition, byte[] data, out byte[] record)
    {
        int capacity = CobhanNative.EstimateBuffer(data.Length, Asherah.Bytes(partition).Length);
        using CobhanBuffer id = new(partition), input = new(data), output = new(capacity);
        int code = CobhanNative.EncryptToJson(id.Pointer, input.Pointer, output.Pointer);
        record = output.Content;
        return code;
    }

    private static int Decrypt(string partition, byte[] record, out byte[] data)
    {
        using CobhanBuffer id = new(partition), input = new(record), output = new(record.Length);
        int code = CobhanNative.DecryptFromJson(id.Pointer, input.Pointer, output.Pointer);
        data = output.Content;
        return code;
    }

    private static void RoundTrips()
    {
        Started(() =>
        {
            foreach (int size in Enumerable.Range(0, 70).Concat([1000, 65536, 1 << 20]))
            {
                byte[] data = RandomNumberGenerator.GetBytes(size);
                Test.Expect(Encrypt("pärtition 字", data, out byte[] record) == 0, $"{size} bytes");
                Test.Expect(Decrypt("pärtition 字", record, out byte[] back) == 0, $"{size} bytes");
                Test.Expect(back.AsSpan().SequenceEqual(data), $"{size} bytes: others come back");
            }
        });
    }

    private static void States()
    {
        Test.Expect(Encrypt("partition", [1], out _) == NotInitialized, "before SetupJson");
        Test.Expect(Setup("{}") == BadConfig && Setup("no JSON") == -5, "bad configurations");
        for (int i = 0; i < 3; i++)
        {
            Started(() =>
            {
                Test.Expect(Setup(Config) == AlreadyInitialized, "a second SetupJson");
                Test.Expect(Encrypt("partition", [1], out byte[] record) == 0, "encryption");
                Test.Expect(Decrypt("other", record, out _) == DecryptFailed, "of another partition");
            });
        }

        Test.Expect(Encrypt("partition", [1], out _) == NotInitialized, "after Shutdown");
    }

    private static void Members()
    {
        Started(() =>
        {
            using CobhanBuffer id = new("partition"), input = new([1, 2, 3]);
            using CobhanBuffer data = new(100), key = new(100), parent = new(100), output = new(3);
            long created = 0, parentCreated = 0;
            int code = CobhanNative.Encrypt(
                id.Pointer, input.Pointer, data.Pointer, key.Pointer, ref created, parent.Pointer, ref parentCreated);
            Test.Expect(code == 0 && created > 1700000000 && parentCreated > 1700000000, $"{code}, {created}");
            code = CobhanNative.Decrypt(
                id.Pointer, data.Pointer, key.Pointer, created, parent.Pointer, parentCreated, output.Pointer);
            Test.Expect(code == 0 && output.Content.AsSpan().SequenceEqual<byte>([1, 2, 3]), $"{code}");
            var record = new JsonObject
            {
                ["Data"] = Convert.ToBase64String(data.Content),
                ["Key"] = new JsonObject
                {
                    ["Created"] = created,
                    ["Key"] = Convert.ToBase64String(key.Content),
                    ["ParentKeyMeta"] = new JsonObject
                    {
                        ["KeyId"] = System.Text.Encoding.UTF8.GetString(parent.Content),
                        ["Created"] = parentCreated,
                    },
                },
            };
            code = Decrypt("partition", Asherah.Bytes(record.ToJsonString()), out byte[] back);
            Test.Expect(code == 0 && back.AsSpan().SequenceEqual<byte>([1, 2, 3]), $"{code}");
        });
    }

    private static void SetEnvironment()
    {
        using CobhanBuffer set = new("""{"AWS_REGION":"us-west-2"}"""), unset = new("""{"AWS_REGION":null}""");
        using CobhanBuffer bad = new("x");
        Test.Expect(CobhanNative.SetEnv(set.Pointer) == 0 && CobhanNative.SetEnv(unset.Pointer) == 0, "SetEnv fails");
        Test.Expect(CobhanNative.SetEnv(bad.Pointer) == -5, "no JSON");
    }

    private static void Threads()
    {
        int trips = 0;
        using var ended = new ManualResetEventSlim();
        Test.InThreads(6, index =>
        {
            if (index == 0)
            {
                for (int i = 0; i < 30; i++)
                {
                    Test.Expect(Setup(Config) == 0, "SetupJson fails");
                    Thread.Sleep(20);
                    CobhanNative.Shutdown();
                }

                ended.Set();
                return;
            }

            while (!ended.IsSet)
            {
                byte[] data = RandomNumberGenerator.GetBytes(index * 10), back = [];
                int code = Encrypt($"partition {index % 2}", data, out byte[] record);
                if (code == 0)
                {
                    code = Decrypt($"partition {index % 2}", record, out back);
                }

                // The next memory metastore does not have the keys of the one before.
                Test.Expect(code is 0 or NotInitialized or DecryptFailed, $"{code}");
                if (code == 0)
                {
                    Test.Expect(back.AsSpan().SequenceEqual(data), "another plaintext");
                    Interlocked.Increment(ref trips);
                }
            }
        });
        Test.Expect(trips > 0, "no round trip");
    }
}
