using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using GoDaddy.Asherah.PlatformNative.Interop;
using GoDaddy.Asherah.PlatformNative.LP64.Linux;
using GoDaddy.Asherah.SecureMemory.Locked;

// One class at a time: secrets are counted for the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GoDaddy.Asherah.SecureMemory.Tests
{
    /// <summary>What the tests share: the library under test, and the memories by name.</summary>
    internal static unsafe class TestSetup
    {
        internal const string Native = "native";
        internal const string Managed = "managed";
        internal const string Unlocked = "unlocked";

        /// <summary>Gets the names of the memories.</summary>
        public static TheoryData<string> Memories => new TheoryData<string> { Native, Managed, Unlocked };

        internal static string LibraryPath =>
            Environment.GetEnvironmentVariable(NativeLoader.PathVariable)
            ?? throw new InvalidOperationException(NativeLoader.PathVariable + " must name the library under test.");

        internal static SecretSettings NoSettings { get; } = new SecretSettings(null);

        internal static LockedMemory Memory(string name)
        {
            NativeLoader.EnsureLoaded();
            return name == Native ? NativeLockedMemory.Instance
                : name == Managed ? ManagedLockedMemory.Locked
                : (LockedMemory)ManagedLockedMemory.Unlocked;
        }

        internal static Secret Secret(string memory, params byte[] bytes)
        {
            return SecureMemorySecret.Move((byte[])bytes.Clone(), Memory(memory), NoSettings);
        }

        /// <summary>Counts the secrets that are kept in a memory.</summary>
        internal static long LiveSecrets(string memory)
        {
            if (Memory(memory) is ManagedLockedMemory managed)
            {
                return managed.LiveSecrets;
            }

            PlatformNative.Interop.Native.AsherahBuffer buffer = default;
            Assert.Equal(Status.Ok, PlatformNative.Interop.Native.asherah_stats(&buffer));
            try
            {
                using var json = JsonDocument.Parse(new Span<byte>(buffer.Data, (int)buffer.Len).ToArray());
                return json.RootElement.GetProperty("handles").GetProperty("secrets").GetInt64();
            }
            finally
            {
                PlatformNative.Interop.Native.asherah_buffer_free(&buffer);
            }
        }

        internal static void WaitUntil(Func<bool> condition, string otherwise)
        {
            long end = Environment.TickCount64 + 30_000;
            while (!condition())
            {
                Assert.True(Environment.TickCount64 < end, otherwise);
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Thread.Sleep(10);
            }
        }

        // Where there is no OpenSSL 1.1, a later one stands in: the functions called here are in both.
        [ModuleInitializer]
        internal static void ResolveLibraries()
        {
            NativeLibrary.SetDllImportResolver(typeof(NativeLoader).Assembly, (name, assembly, path) =>
            {
                if (name == PlatformNative.Interop.Native.Library)
                {
                    return NativeLibrary.TryLoad(LibraryPath, out IntPtr library) ? library : IntPtr.Zero;
                }

                bool later = name == OpenSSLCrypto.LibraryName && !NativeLibrary.TryLoad(name, out _);
                return later ? NativeLibrary.Load("libcrypto.so.3") : IntPtr.Zero;
            });
        }
    }
}
