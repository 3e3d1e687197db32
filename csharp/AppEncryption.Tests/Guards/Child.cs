#if ASHERAH_GUARDS
using System;
using System.Diagnostics;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Tests.Async;
using GoDaddy.Asherah.AppEncryption.Tests.Callbacks;

namespace GoDaddy.Asherah.AppEncryption.Tests.Guards
{
    /// <summary>A process of its own, for guards whose absence ends it.</summary>
    internal static class Child
    {
        private const string Survived = "survived";

        /// <summary>Runs the process, and says whether it came to its end.</summary>
        internal static bool Survives(bool holds, Guarded guard)
        {
            var start = new ProcessStartInfo("dotnet")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                ArgumentList =
                {
                    "exec",
                    typeof(Child).Assembly.Location,
                    "without",
                    guard.ToString(),
                    (holds ? Guarded.None : guard).ToString(),
                },
            };
            start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
            using var process = Process.Start(start);
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            Assert.True(process.WaitForExit(60_000), "the process does not end");
            bool survived = process.ExitCode == 0 && output.Contains(Survived, StringComparison.Ordinal);

            // The runtime says what ends it: not that something is missing.
            Assert.True(
                survived || errors.Result.Contains("Unhandled exception", StringComparison.Ordinal), errors.Result);
            Assert.DoesNotContain("DllNotFoundException", errors.Result, StringComparison.Ordinal);
            return survived;
        }

        /// <summary>The process.</summary>
        internal static int Run(string[] args)
        {
            Guard.Removed = Enum.Parse<Guarded>(args[2]);
            switch (Enum.Parse<Guarded>(args[1]))
            {
                case Guarded.Callback:
                    Throw();
                    break;
                case Guarded.CallUnderWay:
                    EndCall();
                    break;
                default:
                    return 2;
            }

            Console.WriteLine(Survived);
            return 0;
        }

        private static void Throw()
        {
            var store = new MapMetastore();
            using SessionFactory factory = Hosted.NewFactory(store);
            store.Before = (method, id) => throw new TimeoutException("mine");
            Assert.Throws<TimeoutException>(() => Hosted.Encrypt(factory));
        }

        private static void EndCall()
        {
            using var server = new SilentServer();
            using SessionFactory factory = server.NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Task<byte[]> call = session.EncryptAsync(new byte[1]);
            Wait.Until(() => server.Connections > 0, "the store is not asked");
            server.Dispose();
            Exception failure = Record.Exception(
                () => call.WaitAsync(TimeSpan.FromSeconds(30)).GetAwaiter().GetResult());
            Assert.IsNotType<TimeoutException>(failure);
        }
    }
}
#endif
