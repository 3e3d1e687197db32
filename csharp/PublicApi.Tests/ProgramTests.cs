using System;
using System.Diagnostics;
using System.IO;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>A program compiled against the lists runs on our assemblies, not compiled again.</summary>
    public sealed class ProgramTests
    {
        [Theory]
        [InlineData("net10.0")]
        [InlineData("netstandard2.0")]
        public void AProgramCompiledAgainstTheListsRunsUnchanged(string framework)
        {
            string folder = Directory.CreateTempSubdirectory("asherah-program-").FullName;
            try
            {
                Copy(Lists.Program, folder, "*");
                foreach (string assembly in Lists.Assemblies)
                {
                    string file = Path.Combine(folder, assembly + ".dll");
                    Assert.False(File.Exists(file), file + " is there: the program brings its own");
                    File.Copy(Lists.Built(assembly, framework), file);
                }

                // The build for netstandard2.0 leaves finding the library to the system, which looks beside the program.
                File.Copy(
                    Environment.GetEnvironmentVariable("ASHERAH_NATIVE_LIBRARY") ?? "ASHERAH_NATIVE_LIBRARY is not set",
                    Path.Combine(folder, "libasherah.so"));
                (int status, string output) = Run(folder);
                Assert.True(status == 0, output);
                Assert.Contains("ok sessions", output, StringComparison.Ordinal);
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }

        private static (int Status, string Output) Run(string folder)
        {
            using var process = Process.Start(new ProcessStartInfo(
                "dotnet", new[] { "exec", Path.Combine(folder, "PublicApi.Program.dll") })
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }

        private static void Copy(string from, string to, string pattern)
        {
            foreach (string file in Directory.GetFiles(from, pattern))
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }
        }
    }
}
