using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Bindings;

/// <summary>The functions of asherah-ffi, from several threads, with asynchronous calls and hooks.</summary>
internal static unsafe class FfiTests
{
    private const string Key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private const string Config =
        """{"ServiceName":"service","ProductID":"product","Metastore":"memory","KMS":"static","StaticMasterKeyHex":""" +
        "\"" + Key + "\"}";

    private static readonly ConcurrentQueue<(IntPtr UserData, int Level, string Message, int Thread)> Lines = new();
    private static readonly ConcurrentQueue<(IntPtr UserData, int Type, ulong Duration, string? Name)> Measured = new();

    public static void Run()
    {
        Test.Run("round trips", RoundTrips);
        Test.Run("configuration from the environment", FromTheEnvironment);
        Test.Run("configuration applied", Applied);
        Test.Run("failures", Failures);
        Test.Run("threads", Threads);
        Test.Run("asynchronous calls", AsynchronousCalls);
        Test.Run("log hooks", LogHooks);
        Test.Run("metrics hooks", MetricsHooks);
        Test.Run("hooks while threads call and the collector runs", HooksUnderLoad);
    }

    private static void RoundTrips()
    {
        foreach (int size in Enumerable.Range(0, 70).Concat([1000, 65536, 1 << 20]))
        {
            byte[] data = RandomNumberGenerator.GetBytes(size);
            Opened("pärtition 字", session => Same(Asherah.Decrypt(session, Asherah.Encrypt(session, data)), data));
        }
    }

    [DllImport("libc", EntryPoint = "setenv")]
    private static extern int SetEnvironment(string name, string value, int overwrite);

    [DllImport("libc", EntryPoint = "unsetenv")]
    private static extern int UnsetEnvironment(string name);

    // .NET keeps Environment to itself: the library sees what C sees.
    private static void FromTheEnvironment()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "keys.db");
        var names = new Dictionary<string, string>
        {
            ["SERVICE_NAME"] = "service",
            ["PRODUCT_ID"] = "product",
            ["Metastore"] = "sqlite",
            ["SQLITE_PATH"] = path,
            ["KMS"] = "static",
            ["STATIC_MASTER_KEY_HEX"] = Key,
        };
        Fails(() => Asherah.Factory(null), "ServiceName");
        foreach ((string name, string value) in names)
        {
            SetEnvironment(name, value, 1);
        }

        IntPtr one = Asherah.Factory(null), other = Asherah.Factory(
            $$"""
            {"ServiceName":"service","ProductID":"product","Metastore":"sqlite","ConnectionString":"{{path}}",
             "KMS":"static","StaticMasterKeyHex":"{{Key}}"}
            """);
        IntPtr here = Asherah.Session(one, "partition"), there = Asherah.Session(other, "partition");
        Same(Asherah.Decrypt(there, Asherah.Encrypt(here, [1, 2])), [1, 2]);
        Same(Asherah.Decrypt(here, Asherah.Encrypt(there, [3])), [3]);
        Native.asherah_session_free(here);
        Native.asherah_session_free(there);
        Native.asherah_factory_free(one);
        Native.asherah_factory_free(other);
        foreach (string name in names.Keys)
        {
            UnsetEnvironment(name);
        }

        Directory.Delete(Path.GetDirectoryName(path)!, true);
    }

    private static void Applied()
    {
        Asherah.Apply(Config);
        Opened(null, "partition", session => Same(Asherah.Decrypt(session, Asherah.Encrypt(session, [1])), [1]));
        Fails(() => Asherah.Apply("{"), "JSON");
        Asherah.Apply(null);
        Fails(() => Asherah.Factory(null), "ServiceName");
    }

    private static void Failures()
    {
        Fails(() => Asherah.Factory("{}"), "ServiceName");
        Fails(() => Asherah.Session(IntPtr.Zero, "partition"), "factory");
        Opened("partition", session => Opened("other", other =>
        {
            byte[] record = Asherah.Encrypt(session, [1, 2, 3]);
            Fails(() => Asherah.Decrypt(session, [1]), "JSON");
            Fails(() => Asherah.Decrypt(other, record), "record");
            Fails(() => Asherah.Encrypt(other + 1, [1]), "session");
            var buffer = default(AsherahBuffer);
            Test.Expect(Native.asherah_encrypt_to_json(session, null, 0, ref buffer) == 0, "no data is data too");
            Native.asherah_buffer_free(ref buffer);
            Native.asherah_buffer_free(ref buffer);
            Test.Expect(Native.asherah_encrypt_to_json(session, null, 1, ref buffer) != 0, "NULL with a length");
        }));
        Native.asherah_factory_free(IntPtr.Zero);
        Native.asherah_session_free(IntPtr.Zero);
    }

    private static void Threads()
    {
        IntPtr factory = Asherah.Factory(Config), shared = Asherah.Session(factory, "shared");
        Test.InThreads(8, index =>
        {
            IntPtr own = Asherah.Session(factory, $"partition {index % 3}");
            for (int i = 0; i < 1000; i++)
            {
                byte[] data = Asherah.Bytes($"{index} {i}");
                Same(Asherah.Decrypt(own, Asherah.Encrypt(own, data)), data);
                Same(Asherah.Decrypt(shared, Asherah.Encrypt(shared, data)), data);
                if (i % 50 == 0)
                {
                    // The words of a failure are the thread's.
                    if (index % 2 == 0)
                    {
                        Fails(() => Asherah.Factory("{\"ServiceName\":1}"), "ServiceName");
                    }
                    else
                    {
                        Fails(() => Asherah.Decrypt(own, Asherah.Bytes("{}")), "record");
                    }
                }
            }

            Native.asherah_session_free(own);
        });
        Native.asherah_factory_free(factory);
        Same(Asherah.Decrypt(shared, Asherah.Encrypt(shared, [7])), [7]);
        Native.asherah_session_free(shared);
    }

    private static void AsynchronousCalls()
    {
        IntPtr factory = Asherah.Factory(Config), session = Asherah.Session(factory, "partition");
        byte[] record = Asherah.Encrypt(session, [1, 2, 3]);
        var tasks = new ConcurrentBag<(int Kind, Task<byte[]> Task)>();
        Test.InThreads(4, _ =>
        {
            for (int i = 0; i < 60; i++)
            {
                tasks.Add((0, Patiently(() => Asherah.EncryptAsync(session, [1, 2, 3]))));
                tasks.Add((1, Patiently(() => Asherah.DecryptAsync(session, record))));
                tasks.Add((2, Patiently(() => Asherah.DecryptAsync(session, [1]))));
            }
        });
        Native.asherah_session_free(session);
        Native.asherah_factory_free(factory);
        foreach ((int kind, Task<byte[]> task) in tasks)
        {
            Test.Expect(((IAsyncResult)task).AsyncWaitHandle.WaitOne(TimeSpan.FromMinutes(1)), "no answer");
            switch (kind)
            {
                case 0:
                    Test.Expect(task.Result[0] == '{', "no record");
                    break;
                case 1:
                    Same(task.Result, [1, 2, 3]);
                    break;
                default:
                    Test.Expect(task.Exception?.InnerException is AsherahException, "no failure");
                    break;
            }
        }

        Fails(() => Asherah.EncryptAsync(session, [1]), "session");
    }

    // The library says when too many calls wait.
    private static Task<byte[]> Patiently(Func<Task<byte[]>> start)
    {
        while (true)
        {
            try
            {
                return start();
            }
            catch (AsherahException problem) when (problem.Message.Contains("try again", StringComparison.Ordinal))
            {
                Thread.Sleep(1);
            }
        }
    }

    private static void LogHooks()
    {
        Func<int>[] setters =
        [
            () => Native.asherah_set_log_hook(&OnLog, 77),
            () => Native.asherah_set_log_hook_with_config(&OnLog, 77, 0, 0),
            () => Native.asherah_set_log_hook_sync(&OnLog, 77, 3),
        ];
        foreach (Func<int> set in setters)
        {
            Test.Expect(set() == 0, "no hook is set");
            Lines.Clear();
            Warn();
            Test.Until(
                () => Lines.Any(line => line.Message.Contains("NoSuchField", StringComparison.Ordinal)), "the line");
            Test.Expect(Lines.All(line => line.UserData == 77 && line.Level is >= 0 and <= 4), "user data, level");
            bool here = Lines.Any(line => line.Thread == Environment.CurrentManagedThreadId);
            Test.Expect(here == (set == setters[2]), $"on the calling thread: {here}");
        }

        Test.Expect(Native.asherah_clear_log_hook() == 0, "not cleared");
        Lines.Clear();
        Warn();
        Test.Expect(Lines.IsEmpty && Native.asherah_log_dropped_count() >= 0, "a line after the end");
    }

    private static void MetricsHooks()
    {
        Func<int>[] setters =
        [
            () => Native.asherah_set_metrics_hook(&OnMetric, 78),
            () => Native.asherah_set_metrics_hook_with_config(&OnMetric, 78, 100),
            () => Native.asherah_set_metrics_hook_sync(&OnMetric, 78),
        ];
        foreach (Func<int> set in setters)
        {
            Test.Expect(set() == 0, "no hook is set");
            Measured.Clear();
            Opened("partition", session => Asherah.Decrypt(session, Asherah.Encrypt(session, [1])));
            Test.Until(
                () => new[] { 0, 1, 2, 3, 5 }.All(type => Measured.Any(m => m.Type == type)), "all measurements");
            Test.Expect(Measured.All(m => m.UserData == 78), "user data");
            Test.Expect(
                Measured.All(m => m.Type < 4 ? m.Duration > 0 && string.IsNullOrEmpty(m.Name) : m.Name != string.Empty),
                "durations and names");
        }

        Test.Expect(Native.asherah_clear_metrics_hook() == 0, "not cleared");
        Measured.Clear();
        Opened("partition", session => Asherah.Encrypt(session, [1]));
        Test.Expect(Measured.IsEmpty && Native.asherah_metrics_dropped_count() >= 0, "a measurement after the end");
    }

    private static void HooksUnderLoad()
    {
        IntPtr factory = Asherah.Factory(Config);
        Test.InThreads(6, index =>
        {
            IntPtr session = Asherah.Session(factory, $"partition {index}");
            for (int i = 0; i < 300; i++)
            {
                switch (index)
                {
                    case 0:
                        int status = i % 2 == 0
                            ? Native.asherah_set_metrics_hook(&OnMetric, 0)
                            : Native.asherah_set_metrics_hook_sync(&OnMetric, 0);
                        Test.Expect(status == 0 && Native.asherah_set_log_hook(&OnLog, 0) == 0, "no hook is set");
                        Warn();
                        break;
                    case 1:
                        GC.Collect(0);
                        break;
                }

                Same(Asherah.Decrypt(session, Asherah.Encrypt(session, [1, 2])), [1, 2]);
            }

            Native.asherah_session_free(session);
        });
        Test.Expect(Native.asherah_clear_metrics_hook() == 0 && Native.asherah_clear_log_hook() == 0, "not cleared");
        Native.asherah_factory_free(factory);
        Test.Expect(!Lines.IsEmpty && !Measured.IsEmpty, "no hook was called");
        Lines.Clear();
        Measured.Clear();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(IntPtr userData, int level, IntPtr target, IntPtr message)
    {
        Lines.Enqueue((userData, level, Marshal.PtrToStringUTF8(message)!, Environment.CurrentManagedThreadId));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMetric(IntPtr userData, int type, ulong duration, IntPtr name)
    {
        Measured.Enqueue((userData, type, duration, Marshal.PtrToStringUTF8(name)));
    }

    private static void Warn()
    {
        Native.asherah_factory_free(Asherah.Factory(Config[..^1] + ",\"NoSuchField\":1}"));
    }

    private static void Opened(string partition, Action<IntPtr> use)
    {
        Opened(Config, partition, use);
    }

    private static void Opened(string? config, string partition, Action<IntPtr> use)
    {
        IntPtr factory = Asherah.Factory(config), session = Asherah.Session(factory, partition);
        use(session);
        Native.asherah_session_free(session);
        Native.asherah_factory_free(factory);
    }

    private static void Same(byte[] got, byte[] want)
    {
        Test.Expect(got.AsSpan().SequenceEqual(want), $"{got.Length} bytes, not the {want.Length} that went in");
    }

    private static void Fails(Action call, string word)
    {
        try
        {
            call();
        }
        catch (AsherahException problem)
        {
            Test.Expect(problem.Message.Contains(word, StringComparison.Ordinal), problem.Message);
            return;
        }

        Test.Expect(false, "no failure");
    }
}
