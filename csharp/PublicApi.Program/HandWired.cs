using System;
using System.Text;
using GoDaddy.Asherah.AppEncryption;
using GoDaddy.Asherah.AppEncryption.Envelope;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Keys;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>Sessions put together without the builder.</summary>
    internal static class HandWired
    {
        internal static void Run()
        {
            var metastore = new InMemoryMetastoreImpl<JObject>();
            var policy = new NeverExpiredCryptoPolicy();
            using var kms = new StaticKeyManagementServiceImpl(Sessions.Key);
            byte[] record;
            using (var systemKeys = new SecureCryptoKeyDictionary<DateTimeOffset>(policy.GetRevokeCheckPeriodMillis()))
            using (var keys = new SecureCryptoKeyDictionary<DateTimeOffset>(policy.GetRevokeCheckPeriodMillis()))
            {
                IEnvelopeEncryption<JObject> json = new EnvelopeEncryptionJsonImpl(
                    new DefaultPartition("partition", "service", "product"),
                    metastore,
                    systemKeys,
                    keys,
                    new BouncyAes256GcmCrypto(),
                    policy,
                    kms);
                var bytes = new EnvelopeEncryptionBytesImpl(json);
                using Session<byte[], byte[]> session = new SessionBytesImpl<byte[]>(bytes);
                using Session<JObject, byte[]> objects = new SessionJsonImpl<byte[]>(bytes);
                record = session.Encrypt(Sessions.Payload);
                Expect.True(session.Decrypt(record).AsSpan().SequenceEqual(Sessions.Payload));
                var payload = new JObject { ["a"] = 1 };
                Expect.True(JToken.DeepEquals(payload, objects.Decrypt(objects.Encrypt(payload))));
            }

            var systemKeyCache = new SecureCryptoKeyDictionary<DateTimeOffset>(policy.GetRevokeCheckPeriodMillis());
            using (var factory = new SessionFactory("product", "service", metastore, systemKeyCache, policy, kms))
            {
                Sessions.RoundTrips(factory);
                using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
                Expect.True(session.Decrypt(record).AsSpan().SequenceEqual(Sessions.Payload));
            }

            // What was stored by hand is read by what the builder makes.
            using SessionFactory built = SessionFactory.NewBuilder("product", "service")
                .WithMetastore(metastore)
                .WithCryptoPolicy(policy)
                .WithKeyManagementService(kms)
                .Build();
            using Session<byte[], byte[]> reader = built.GetSessionBytes("partition");
            Expect.True(reader.Decrypt(record).AsSpan().SequenceEqual(Sessions.Payload));
        }
    }
}
