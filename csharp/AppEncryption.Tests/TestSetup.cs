using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

// One class at a time: the counters of the native library and the allocation figures are those of the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>What the tests share: the library under test, a key, and factories.</summary>
    internal static class TestSetup
    {
        internal const string Key = "0123456789abcdef0123456789abcdef";

        internal static string LibraryPath =>
            Environment.GetEnvironmentVariable("ASHERAH_NATIVE_LIBRARY")
            ?? throw new InvalidOperationException("ASHERAH_NATIVE_LIBRARY must name the library under test.");

        internal static SessionFactory NewFactory(string product = "product", string service = "service")
        {
            return SessionFactory.NewBuilder(product, service)
                .WithInMemoryMetastore()
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(Key)
                .Build();
        }

        internal static SessionFactory NewSqliteFactory(
            string database, string key = Key, string product = "product", string service = "service")
        {
            return SessionFactory.NewBuilder(product, service)
                .WithNativeConfiguration(Sqlite(database))
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(key)
                .Build();
        }

        internal static string Sqlite(string database)
        {
            return "{\"Metastore\":\"sqlite\",\"ConnectionString\":" +
                Newtonsoft.Json.JsonConvert.ToString(database) + "}";
        }

        internal static byte[] Bytes(string text)
        {
            return Encoding.UTF8.GetBytes(text);
        }

        internal static string Text(byte[] bytes)
        {
            return Encoding.UTF8.GetString(bytes);
        }

        /// <summary>Makes the last character of a record's payload, or one near to it, another one, of base64
        /// still.</summary>
        internal static void Alter(byte[] record)
        {
            record[^5] = record[^5] == (byte)'A' ? (byte)'B' : (byte)'A';
        }

        internal static byte[] Pattern(int size)
        {
            var bytes = new byte[size];
            new Random(size).NextBytes(bytes);
            return bytes;
        }

        /// <summary>Returns a path of the repository.</summary>
        internal static string Repository(string path)
        {
            for (DirectoryInfo d = new DirectoryInfo(AppContext.BaseDirectory); d != null; d = d.Parent)
            {
                if (File.Exists(Path.Combine(d.FullName, "include", "asherah.h")))
                {
                    return Path.Combine(d.FullName, path);
                }
            }

            throw new FileNotFoundException(
                "There is no include/asherah.h above the tests: they run in the repository.");
        }

#if ASHERAH_NETSTANDARD
        // The netstandard2.0 build leaves finding the library to the system; here that is the library under test.
        [ModuleInitializer]
        internal static void ResolveLibrary()
        {
            NativeLibrary.SetDllImportResolver(
                typeof(PlatformNative.Interop.NativeLoader).Assembly,
                (name, assembly, path) => name == "asherah" ? NativeLibrary.Load(LibraryPath) : IntPtr.Zero);
        }
#endif
    }
}
