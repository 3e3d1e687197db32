using System;
using System.IO;
using System.Text.Json;
using GoDaddy.Asherah.PlatformNative.Interop;
#if ASHERAH_NETSTANDARD
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
#endif

// One class at a time: secrets are counted for the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GoDaddy.Asherah.Crypto.Tests
{
    /// <summary>What the tests share: the library under test, its count of secrets, files of the repository.</summary>
    internal static unsafe class TestSetup
    {
        internal static byte[] Pattern(int size)
        {
            var bytes = new byte[size];
            new Random(size).NextBytes(bytes);
            return bytes;
        }

        /// <summary>Counts the secrets of the native library.</summary>
        internal static long LiveSecrets()
        {
            NativeLoader.EnsureLoaded();
            Native.AsherahBuffer buffer = default;
            Assert.Equal(Status.Ok, Native.asherah_stats(&buffer));
            try
            {
                using var json = JsonDocument.Parse(new Span<byte>(buffer.Data, (int)buffer.Len).ToArray());
                return json.RootElement.GetProperty("handles").GetProperty("secrets").GetInt64();
            }
            finally
            {
                Native.asherah_buffer_free(&buffer);
            }
        }

        /// <summary>Reads a file of vectors.</summary>
        internal static JsonDocument Vectors(string file)
        {
            for (DirectoryInfo d = new DirectoryInfo(AppContext.BaseDirectory); d != null; d = d.Parent)
            {
                string path = Path.Combine(d.FullName, "tests", "vectors", file);
                if (File.Exists(path))
                {
                    return JsonDocument.Parse(File.ReadAllText(path));
                }
            }

            throw new FileNotFoundException("There is no tests/vectors above the tests: they run in the repository.");
        }

#if ASHERAH_NETSTANDARD
        // The netstandard2.0 build leaves finding the library to the system; here that is the library under test.
        [ModuleInitializer]
        internal static void ResolveLibrary()
        {
            string path = Environment.GetEnvironmentVariable(NativeLoader.PathVariable)
                ?? throw new InvalidOperationException(
                    NativeLoader.PathVariable + " must name the library under test.");
            NativeLibrary.SetDllImportResolver(
                typeof(NativeLoader).Assembly,
                (name, assembly, search) => name == Native.Library ? NativeLibrary.Load(path) : IntPtr.Zero);
        }
#endif
    }
}
