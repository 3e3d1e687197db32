using System;
using System.Diagnostics;
using System.Threading.Tasks;

namespace GoDaddy.Asherah.SecureMemory.Tests
{
    /// <summary>What a test runs in a process of its own: a factory made and used, and how that went on its
    /// output.</summary>
    public static class Program
    {
        /// <summary>Makes a secret with a factory.</summary>
        /// <returns>0.</returns>
        public static int Main()
        {
            try
            {
                using var factory = new TransientSecretFactory();
                using Secret secret = factory.CreateSecret(new byte[] { 1, 2, 3 });
                Console.WriteLine(
                    "sum " + secret.WithSecretBytes(bytes => bytes[0] + bytes[1] + bytes[2]) +
                    ", managed " + Locked.ManagedLockedMemory.Locked.LiveSecrets);
            }
            catch (Exception e)
            {
                Console.WriteLine(e.GetType().Name);
            }

            return 0;
        }

        /// <summary>Runs it with a native library that is not there.</summary>
        /// <param name="engine">The value of ASHERAH_ENGINE, or null.</param>
        /// <returns>The line it wrote.</returns>
        internal static async Task<string> RunWithoutLibrary(string engine)
        {
            var start = new ProcessStartInfo("dotnet")
            {
                RedirectStandardOutput = true,
            };
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(typeof(Program).Assembly.Location);
            start.Environment["ASHERAH_NATIVE_LIBRARY"] = "/nonexistent/libasherah.so";
            start.Environment["ASHERAH_ENGINE"] = engine;
            using Process process = Process.Start(start);
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            if (await Task.WhenAny(output, Task.Delay(TimeSpan.FromMinutes(2))) != output)
            {
                process.Kill();
            }

            return (await output).Trim();
        }
    }
}
