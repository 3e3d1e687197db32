using System;
using System.Text;
using GoDaddy.Asherah.AppEncryption;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>A factory from the builder, its four kinds of sessions, and what they throw.</summary>
    internal static class Sessions
    {
        internal const string Key = "thisIsAStaticMasterKeyForTesting";

        internal static readonly byte[] Payload = Encoding.UTF8.GetBytes("a payload, größer als null");

        internal static void Run()
        {
            using SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(Key)
                .Build();
            RoundTrips(factory);
            Failures(factory);
            Cached();
        }

        internal static void RoundTrips(SessionFactory factory)
        {
            var payload = new JObject { ["text"] = "größer", ["number"] = 7, ["date"] = "2020-01-01T00:00:00Z" };
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                byte[] record = session.Encrypt(Payload);
                Expect.True(session.Decrypt(record).AsSpan().SequenceEqual(Payload));
                record = session.EncryptAsync(Payload).GetAwaiter().GetResult();
                Expect.True(session.DecryptAsync(record).GetAwaiter().GetResult().AsSpan().SequenceEqual(Payload));
                Expect.Same(0, session.Decrypt(session.Encrypt(Array.Empty<byte>())).Length);
            }

            using (Session<byte[], JObject> session = factory.GetSessionBytesAsJson("partition"))
            {
                JObject record = session.Encrypt(Payload);
                Expect.True(record["Key"]["ParentKeyMeta"]["KeyId"].Value<string>().StartsWith("_IK_partition_"));
                Expect.True(session.Decrypt(record).AsSpan().SequenceEqual(Payload));
                record = session.EncryptAsync(Payload).GetAwaiter().GetResult();
                Expect.True(session.DecryptAsync(record).GetAwaiter().GetResult().AsSpan().SequenceEqual(Payload));
            }

            using (Session<JObject, byte[]> session = factory.GetSessionJson("partition"))
            {
                Expect.True(JToken.DeepEquals(payload, session.Decrypt(session.Encrypt(payload))));
                byte[] record = session.EncryptAsync(payload).GetAwaiter().GetResult();
                Expect.True(JToken.DeepEquals(payload, session.DecryptAsync(record).GetAwaiter().GetResult()));
            }

            using (Session<JObject, JObject> session = factory.GetSessionJsonAsJson("partition"))
            {
                Expect.True(JToken.DeepEquals(payload, session.Decrypt(session.Encrypt(payload))));
                JObject record = session.EncryptAsync(payload).GetAwaiter().GetResult();
                Expect.True(JToken.DeepEquals(payload, session.DecryptAsync(record).GetAwaiter().GetResult()));
            }
        }

        private static void Failures(SessionFactory factory)
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            using Session<byte[], byte[]> stranger = factory.GetSessionBytes("stranger");
            byte[] record = session.Encrypt(Payload);
            string message = Expect.Throws<MetadataMissingException>(() => stranger.Decrypt(record)).Message;
            Expect.True(message.StartsWith("Could not find"));
            Expect.Throws<ArgumentNullException>(() => session.Decrypt(null));
            Expect.True(session.DecryptAsync(null).IsFaulted);

            JObject altered = JObject.Parse(Encoding.UTF8.GetString(record));
            byte[] data = Convert.FromBase64String((string)altered["Data"]);
            data[0] ^= 1;
            altered["Data"] = Convert.ToBase64String(data);
            Expect.Throws<AppEncryptionException>(() => session.Decrypt(Encoding.UTF8.GetBytes(altered.ToString())));
            session.Dispose();
            Expect.Throws<InvalidOperationException>(() => session.Encrypt(Payload));
        }

        private static void Cached()
        {
            BasicExpiringCryptoPolicy policy = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(30)
                .WithRevokeCheckMinutes(30)
                .WithCanCacheSessions(true)
                .WithSessionCacheMaxSize(10)
                .WithSessionCacheExpireMillis(10_000)
                .Build();
            using SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithCryptoPolicy(policy)
                .WithStaticKeyManagementService(Key)
                .Build();
            RoundTrips(factory);
            Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = session.Encrypt(Payload);
            session.Dispose();
            Expect.True(session.Decrypt(record).AsSpan().SequenceEqual(Payload));
            session.Dispose();
        }
    }
}
