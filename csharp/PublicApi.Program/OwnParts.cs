using System;
using System.Collections.Generic;
using System.Linq;
using GoDaddy.Asherah.AppEncryption;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Keys;
using LanguageExt;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>Metastores and key management services that users wrote, and ours with members overridden.</summary>
    internal static class OwnParts
    {
        internal static void Run()
        {
            var metastore = new OwnMetastore();
            var kms = new OwnKms();
            using (SessionFactory factory = Build(metastore, kms))
            {
                Sessions.RoundTrips(factory);
            }

            Expect.True(kms.Encrypted > 0);
            Expect.Same(
                "GetKeySuffix LoadLatest LoadLatest Store Store", string.Join(" ", metastore.Calls.Take(5)));

            var derived = new DerivedMetastore();
            var derivedKms = new DerivedKms();
            using (SessionFactory factory = Build(derived, derivedKms))
            {
                Sessions.RoundTrips(factory);
            }

            Expect.True(derived.Loads > 0);
            Expect.True(derivedKms.Encrypted > 0);

            using (SessionFactory factory = Build(new BrokenMetastore(), kms))
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                var e = Expect.Throws<TimeoutException>(() => session.Encrypt(Sessions.Payload));
                Expect.Same("the store is slow", e.Message);
            }
        }

        private static SessionFactory Build(IMetastore<JObject> metastore, IKeyManagementService kms)
        {
            return SessionFactory.NewBuilder("product", "service")
                .WithMetastore(metastore)
                .WithNeverExpiredCryptoPolicy()
                .WithKeyManagementService(kms)
                .Build();
        }

        /// <summary>The interface from scratch.</summary>
        internal sealed class OwnMetastore : IMetastore<JObject>
        {
            private readonly SortedList<(string Id, DateTimeOffset Created), JObject> records =
                new SortedList<(string Id, DateTimeOffset Created), JObject>();

            internal List<string> Calls { get; } = new List<string>();

            public Option<JObject> Load(string keyId, DateTimeOffset created)
            {
                Calls.Add(nameof(Load));
                return records.TryGetValue((keyId, created), out JObject record) ? record : Option<JObject>.None;
            }

            public Option<JObject> LoadLatest(string keyId)
            {
                Calls.Add(nameof(LoadLatest));
                JObject[] found = records.Where(pair => pair.Key.Id == keyId).Select(pair => pair.Value).ToArray();
                return found.Length == 0 ? Option<JObject>.None : found[^1];
            }

            public bool Store(string keyId, DateTimeOffset created, JObject value)
            {
                Calls.Add(nameof(Store));
                return records.TryAdd((keyId, created), value);
            }

            public string GetKeySuffix()
            {
                Calls.Add(nameof(GetKeySuffix));
                return string.Empty;
            }
        }

        /// <summary>The abstract class with the two methods that it asks for.</summary>
        internal sealed class OwnKms : KeyManagementService
        {
            private readonly BouncyAes256GcmCrypto crypto = new BouncyAes256GcmCrypto();
            private readonly CryptoKey master;

            internal OwnKms()
            {
                master = crypto.GenerateKey();
            }

            internal int Encrypted { get; private set; }

            public override byte[] EncryptKey(CryptoKey key)
            {
                Encrypted++;
                return crypto.EncryptKey(key, master);
            }

            public override CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
            {
                return crypto.DecryptKey(keyCipherText, keyCreated, master, revoked);
            }
        }

        private sealed class DerivedMetastore : InMemoryMetastoreImpl<JObject>
        {
            internal int Loads { get; private set; }

            public override Option<JObject> LoadLatest(string keyId)
            {
                Loads++;
                return base.LoadLatest(keyId);
            }
        }

        private sealed class DerivedKms : StaticKeyManagementServiceImpl
        {
            internal DerivedKms()
                : base(Sessions.Key)
            {
            }

            internal int Encrypted { get; private set; }

            public override byte[] EncryptKey(CryptoKey key)
            {
                Encrypted++;
                return base.EncryptKey(key);
            }
        }

        private sealed class BrokenMetastore : InMemoryMetastoreImpl<JObject>
        {
            public override Option<JObject> LoadLatest(string keyId)
            {
                throw new TimeoutException("the store is slow");
            }
        }
    }
}
