#if !ASHERAH_NETSTANDARD
using System;
using System.Diagnostics;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>Processes that cannot load the native library: they run on managed code where they have chosen it, and
    /// nowhere else.</summary>
    public sealed class WithoutNativeLibraryTests : IDisposable
    {
        private readonly TempDirectory directory = new TempDirectory();

        public void Dispose()
        {
            directory.Dispose();
        }

        [Fact]
        public void TheManagedEngineNeedsNone()
        {
            Assert.Equal("decrypted without", Run("managed", string.Empty));
            Assert.Equal("decrypted without", Run(null, Program.ChooseBySwitch));
        }

        [Fact]
        public void ItIsNeverChosenByItself()
        {
            string answer = Run(null, string.Empty);
            Assert.StartsWith("DllNotFoundException: ", answer, StringComparison.Ordinal);
            Assert.Contains("ASHERAH_NATIVE_LIBRARY, does not exist", answer, StringComparison.Ordinal);

            // The variable stands above the switch.
            Assert.StartsWith("DllNotFoundException: ", Run("native", Program.ChooseBySwitch), StringComparison.Ordinal);
        }

        [Fact]
        public void AnyOtherEngineIsAnError()
        {
            string answer = Run("Managed", string.Empty);
            Assert.StartsWith("InvalidOperationException: ", answer, StringComparison.Ordinal);
            Assert.Contains("ASHERAH_ENGINE", answer, StringComparison.Ordinal);
        }

        [Fact]
        public void ANativeMetastoreNeedsTheNativeEngine()
        {
            string answer = Run("managed", Program.NativeConfiguration);
            Assert.StartsWith("InvalidOperationException: ", answer, StringComparison.Ordinal);
            Assert.Contains("WithNativeConfiguration", answer, StringComparison.Ordinal);
        }

        [Fact]
        public void WithTheLibraryTheSameProgramUsesIt()
        {
            Assert.Equal("decrypted with the native library", Run(null, string.Empty, TestSetup.LibraryPath));
            Assert.Equal("decrypted without", Run("managed", string.Empty, TestSetup.LibraryPath));
        }

        private string Run(string engine, string way, string library = null)
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(typeof(Program).Assembly.Location);
            start.ArgumentList.Add(way);
            start.Environment["ASHERAH_NATIVE_LIBRARY"] = library ?? directory.File("libasherah.so");
            start.Environment.Remove("ASHERAH_ENGINE");
            if (engine != null)
            {
                start.Environment["ASHERAH_ENGINE"] = engine;
            }

            using var process = Process.Start(start);
            string output = process.StandardOutput.ReadToEnd();
            Assert.True(process.WaitForExit(60_000), "the program does not end");
            return output.Trim();
        }
    }
}
#endif
