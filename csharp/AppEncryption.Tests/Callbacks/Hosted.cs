using System;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Callbacks
{
    /// <summary>Factories on what an application has written.</summary>
    internal static class Hosted
    {
        internal static SessionFactory NewFactory(
            IMetastore<JObject> metastore, CryptoPolicy policy = null, ILogger logger = null)
        {
            return SessionFactory.NewBuilder("product", "service")
                .WithMetastore(metastore)
                .WithCryptoPolicy(policy ?? new NeverExpiredCryptoPolicy())
                .WithStaticKeyManagementService(TestSetup.Key)
                .WithLogger(logger)
                .Build();
        }

        /// <summary>Encrypts with a session of its own.</summary>
        internal static byte[] Encrypt(SessionFactory factory, string partition = "partition")
        {
            using (Session<byte[], byte[]> session = factory.GetSessionBytes(partition))
            {
                return session.Encrypt(TestSetup.Bytes("payload"));
            }
        }

        /// <summary>Decrypts with a session of its own.</summary>
        internal static string Decrypt(SessionFactory factory, byte[] record, string partition = "partition")
        {
            using (Session<byte[], byte[]> session = factory.GetSessionBytes(partition))
            {
                return TestSetup.Text(session.Decrypt(record));
            }
        }

        /// <summary>Returns when the key of a record was created, in Unix seconds.</summary>
        internal static long KeyCreated(byte[] record)
        {
            return (long)JObject.Parse(TestSetup.Text(record))["Key"]["ParentKeyMeta"]["Created"];
        }

        /// <summary>Waits until nothing refers to an object of a test any more.</summary>
        internal static void ExpectNothingLeft()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Wait.Until(() => HostReference.Count == 0, HostReference.Count + " references are left");
            Wait.Until(() => (long)Statistics.Read()["callbacks"]["running"] == 0, "callbacks are running");
            foreach (string kind in new[] { "factories", "sessions", "metastores", "kms" })
            {
                Wait.Until(() => (long)Statistics.Read()["handles"][kind] == 0, kind + " are left");
            }

            Wait.Until(() => Statistics.LiveSecrets() == 0, "secrets are left");
        }
    }
}
