using System;
using System.IO;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>What this assembly does when it is run as a program: a round trip on the engine that the process has
    /// chosen. <see cref="WithoutNativeLibraryTests"/> runs it.</summary>
    internal static class Program
    {
        internal const string ChooseBySwitch = "switch";
        internal const string NativeConfiguration = "native-configuration";
        internal const string Success = "decrypted";

        private static int Main(string[] args)
        {
            string way = args.Length == 0 ? string.Empty : args[0];
#if ASHERAH_GUARDS
            if (args.Length == 3)
            {
                return Guards.Child.Run(args);
            }
#endif
            try
            {
                if (way == ChooseBySwitch)
                {
                    AppContext.SetSwitch("GoDaddy.Asherah.ManagedEngine", true);
                }

                SessionFactory.IMetastoreStep step = SessionFactory.NewBuilder("product", "service");
                using SessionFactory factory = (way == NativeConfiguration
                    ? step.WithNativeConfiguration("{\"Metastore\":\"memory\"}")
                    : step.WithInMemoryMetastore())
                    .WithNeverExpiredCryptoPolicy()
                    .WithStaticKeyManagementService(TestSetup.Key)
                    .Build();
                using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
                byte[] record = session.Encrypt(TestSetup.Bytes("payload"));
                using Session<byte[], byte[]> other = factory.GetSessionBytes("partition");
                bool same = TestSetup.Text(other.Decrypt(record)) == "payload";
                bool loaded = File.Exists("/proc/self/maps") &&
                    File.ReadAllText("/proc/self/maps").Contains("libasherah.so", StringComparison.Ordinal);
                Console.WriteLine(same ? Success + (loaded ? " with the native library" : " without") : "not the same");
                return 0;
            }
            catch (Exception e)
            {
                Console.WriteLine(e.GetType().Name + ": " + e.Message);
                return 1;
            }
        }
    }
}
