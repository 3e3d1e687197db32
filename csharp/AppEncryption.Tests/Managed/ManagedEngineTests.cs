using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Exceptions;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>The engine in managed code: what it asks of its parts, and what comes of their failures.</summary>
    public sealed class ManagedEngineTests : IDisposable
    {
        private static readonly byte[] Payload = TestSetup.Bytes("payload");

        private readonly RowStore store = new RowStore();
        private readonly RawKms kms = new RawKms(TestSetup.Bytes(TestSetup.Key));
        private readonly TestPolicy policy = new TestPolicy();

        public void Dispose()
        {
            kms.Dispose();
        }

        [Fact]
        public void TheStoreIsAskedAsOftenAsByCanonicalAsherah()
        {
            byte[] record;
            using (SessionFactory factory = NewFactory())
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("p"))
            {
                record = session.Encrypt(Payload);
                Assert.Equal("GetKeySuffix, LoadLatest IK, LoadLatest SK, Store SK, Store IK", store.TakeCalls());
                session.Encrypt(Payload);
                Assert.Equal(Payload, session.Decrypt(record));
                Assert.Equal(string.Empty, store.TakeCalls());
            }

            using (SessionFactory factory = NewFactory())
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("p"))
            {
                session.Encrypt(Payload);
                Assert.Equal("GetKeySuffix, LoadLatest IK, Load SK", store.TakeCalls());
            }

            using (SessionFactory factory = NewFactory())
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("p"))
            {
                Assert.Equal(Payload, session.Decrypt(record));
                Assert.Equal("GetKeySuffix, Load IK, Load SK", store.TakeCalls());
            }
        }

        [Fact]
        public void WithoutCachesTheStoreIsAskedEachTime()
        {
            policy.CacheSystemKeys = false;
            policy.CacheIntermediateKeys = false;
            using SessionFactory factory = NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            byte[] record = session.Encrypt(Payload);
            store.TakeCalls();
            session.Encrypt(Payload);
            Assert.Equal("LoadLatest IK, Load SK", store.TakeCalls());
            session.Decrypt(record);
            Assert.Equal("Load IK, Load SK", store.TakeCalls());
        }

        [Fact]
        public void AfterTheRevokeCheckPeriodTheStoreIsAskedAgain()
        {
            policy.RevokeCheckMillis = 0;
            using SessionFactory factory = NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            byte[] record = session.Encrypt(Payload);
            Revoke("_IK_");
            store.TakeCalls();
            byte[] next = session.Encrypt(Payload);
            Assert.Equal("LoadLatest IK, LoadLatest SK, Store IK", store.TakeCalls());
            Assert.NotEqual(KeyOf(record), KeyOf(next));
            Assert.Equal(Payload, session.Decrypt(record));
            Assert.Equal(Payload, session.Decrypt(next));
        }

        [Fact]
        public void ARevokedSystemKeyEncryptsNoMore()
        {
            policy.RevokeCheckMillis = 0;
            using SessionFactory factory = NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            byte[] record = session.Encrypt(Payload);
            Revoke("_SK_");
            store.TakeCalls();
            byte[] next = session.Encrypt(Payload);
            Assert.Equal("LoadLatest IK, Load SK, LoadLatest SK, Store SK, Store IK", store.TakeCalls());
            Assert.NotEqual(KeyOf(record), KeyOf(next));
            Assert.Equal(Payload, session.Decrypt(record));
        }

        [Fact]
        public void ExpiredKeysAreReplacedInLine()
        {
            using SessionFactory factory = NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            byte[] record = session.Encrypt(Payload);
            Expire();
            byte[] next = session.Encrypt(Payload);
            Assert.NotEqual(KeyOf(record), KeyOf(next));
            Assert.Equal(2, store.Rows.All.Count(row => row.Id == "_SK_service_product"));
            Assert.Equal(KeyOf(next), KeyOf(session.Encrypt(Payload)));
            Assert.Equal(Payload, session.Decrypt(record));
        }

        [Fact]
        public void AKeyUnderAnExpiredSystemKeyIsReplacedThoughCached()
        {
            using SessionFactory factory = NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            using Session<byte[], byte[]> later = factory.GetSessionBytes("q");
            session.Encrypt(Payload);
            long system = store.Rows.All.Single(row => row.Id == "_SK_service_product").Created;

            // The intermediate key is made again a second later than the system key, and only that expires.
            Revoke("_IK_p_");
            using SessionFactory other = NewFactory();
            using Session<byte[], byte[]> warm = other.GetSessionBytes("p");
            byte[] record = warm.Encrypt(Payload);
            Assert.True(KeyOf(record) > system);
            policy.ExpiredBefore = system + 1;
            byte[] next = warm.Encrypt(Payload);
            Assert.NotEqual(KeyOf(record), KeyOf(next));
            Assert.Equal(2, store.Rows.All.Count(row => row.Id == "_SK_service_product"));
        }

        [Fact]
        public void QueuedRotationReplacesInTheBackground()
        {
            policy.Queued = true;
            var log = new LogLines();
            using SessionFactory factory = NewFactory(log);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            byte[] record = session.Encrypt(Payload);
            using var held = new ManualResetEventSlim();
            store.Before = method => held.Wait();
            Expire();
            Assert.Equal(KeyOf(record), KeyOf(session.Encrypt(Payload)));
            Assert.Equal(KeyOf(record), KeyOf(session.Encrypt(Payload)));
            held.Set();
            Wait.Until(() => KeyOf(session.Encrypt(Payload)) != KeyOf(record), "the key was not replaced");
            Assert.Equal(2, store.Rows.All.Count(row => row.Id == "_SK_service_product"));
            Assert.Equal(2, store.Rows.All.Count(row => row.Id == "_IK_p_service_product"));
            Assert.Equal(1, log.Lines.Count(line => line == "Debug: Queuing up IK {KeyId} for rotation"));
        }

        [Fact]
        public void ARotationThatFailsIsTriedAgain()
        {
            policy.Queued = true;
            var log = new LogLines();
            using SessionFactory factory = NewFactory(log);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            byte[] record = session.Encrypt(Payload);
            store.Before = method => throw new IOException("down");
            Expire();
            Assert.Equal(KeyOf(record), KeyOf(session.Encrypt(Payload)));
            Wait.Until(() => log.Lines.Any(line => line.StartsWith("Error: ", StringComparison.Ordinal)), "no failure was told");
            store.Before = null;
            Wait.Until(() => KeyOf(session.Encrypt(Payload)) != KeyOf(record), "the key was not replaced");
        }

        [Fact]
        public void WithQueuedRotationARevokedKeyIsReplacedInLine()
        {
            policy.Queued = true;
            using SessionFactory factory = NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            byte[] record = session.Encrypt(Payload);
            Revoke("_IK_");
            using SessionFactory other = NewFactory();
            using Session<byte[], byte[]> cold = other.GetSessionBytes("p");
            Assert.NotEqual(KeyOf(record), KeyOf(cold.Encrypt(Payload)));
        }

        [Fact]
        public void KeysOfOtherRegionsDoNotEncrypt()
        {
            var rows = new KeyRows();
            using SessionFactory west = Engine.New(true, new RowStore(rows, "us-west-2"), policy, kms);
            using SessionFactory east = Engine.New(true, new RowStore(rows, "us-east-1"), policy, kms);
            using Session<byte[], byte[]> here = west.GetSessionBytes("p");
            using Session<byte[], byte[]> there = east.GetSessionBytes("p");
            there.Encrypt(Payload);
            Expire(rows);
            byte[] foreign = there.Encrypt(Payload); // under a younger key than the one here will be
            policy.ExpiredBefore = long.MinValue;
            byte[] own = here.Encrypt(Payload);
            Assert.Equal(Payload, here.Decrypt(foreign));
            Assert.Equal(Payload, here.Decrypt(foreign));
            byte[] next = here.Encrypt(Payload);
            Assert.Equal(KeyOf(own), KeyOf(next));
            using Session<byte[], byte[]> cold = Engine.New(true, new RowStore(rows, "us-west-2"), policy, kms).GetSessionBytes("p");
            Assert.Equal(Payload, cold.Decrypt(next));
        }

        [Fact]
        public void FailuresOfLoadingComeAsTheyAre()
        {
            using SessionFactory factory = NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            foreach (string failing in new[] { "LoadLatest IK", "LoadLatest SK" })
            {
                int calls = 0;
                store.Before = method => Throw(method == "LoadLatest" && ++calls == (failing == "LoadLatest IK" ? 1 : 2));
                Assert.Throws<IOException>(() => session.Encrypt(Payload));
            }

            store.Before = null;
            byte[] record = session.Encrypt(Payload);
            using SessionFactory cold = NewFactory();
            using Session<byte[], byte[]> coldSession = cold.GetSessionBytes("p");
            store.Before = method => Throw(method == "Load");
            Assert.Throws<IOException>(() => coldSession.Decrypt(record));
            store.Before = null;
            kms.Before = method => Throw(method == "DecryptKey");
            Assert.Throws<IOException>(() => coldSession.Decrypt(record));
            Assert.Throws<IOException>(() => coldSession.Encrypt(Payload));
        }

        [Fact]
        public void FailuresOfStoringAreWrapped()
        {
            using SessionFactory factory = NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            store.Before = method => Throw(method == "Store");
            var e = Assert.Throws<AppEncryptionException>(() => session.Encrypt(Payload));
            Assert.Equal("Unable to store new Intermediate Key", e.Message);
            Assert.Equal("Unable to store new System Key", e.InnerException.Message);
            Assert.IsType<IOException>(e.InnerException.InnerException);

            store.Before = null;
            kms.Before = method => Throw(method == "EncryptKey");
            e = Assert.Throws<AppEncryptionException>(() => session.Encrypt(Payload));
            Assert.Equal("AppEncryptionException <- AppEncryptionException <- IOException", Engine.Types(e));

            kms.Before = null;
            int stores = 0;
            store.Before = method => Throw(method == "Store" && ++stores == 2);
            e = Assert.Throws<AppEncryptionException>(() => session.Encrypt(Payload));
            Assert.Equal("AppEncryptionException <- IOException", Engine.Types(e));

            store.Before = null;
            store.Refuses = true;
            Assert.Throws<AppEncryptionException>(() => factory.GetSessionBytes("other").Encrypt(Payload));
        }

        [Fact]
        public void AKeyStoredByAnotherAtTheSameTimeIsUsed()
        {
            using SessionFactory mine = NewFactory();
            using SessionFactory others = NewFactory();
            using Session<byte[], byte[]> session = mine.GetSessionBytes("p");
            using Session<byte[], byte[]> other = others.GetSessionBytes("p");
            byte[] first = null;
            bool nested = false;
            store.Before = method =>
            {
                if (method == "Store" && !nested)
                {
                    nested = true;
                    first = other.Encrypt(Payload);
                }
            };
            byte[] record = session.Encrypt(Payload);
            Assert.Equal(KeyOf(first), KeyOf(record));
            Assert.Equal(2, store.Rows.All.Count);
            Assert.Equal(Payload, other.Decrypt(record));
        }

        [Fact]
        public void WhatIsMissingInTheStoreIsTold()
        {
            byte[] record;
            using (SessionFactory factory = NewFactory())
            {
                record = factory.GetSessionBytes("p").Encrypt(Payload);
            }

            (string id, long created, string text) = store.Rows.All.Single(row => row.Id.StartsWith("_IK_", StringComparison.Ordinal));
            store.Rows.Delete(id, created);
            using SessionFactory cold = NewFactory();
            using Session<byte[], byte[]> session = cold.GetSessionBytes("p");
            var e = Assert.Throws<MetadataMissingException>(() => session.Decrypt(record));
            Assert.StartsWith("Could not find", e.Message, StringComparison.Ordinal);
            using Session<byte[], byte[]> other = cold.GetSessionBytes("q");
            e = Assert.Throws<MetadataMissingException>(() => other.Decrypt(record));
            Assert.StartsWith("Could not find", e.Message, StringComparison.Ordinal);

            // With its system key gone, a key does not encrypt either.
            store.Rows.TryAdd(id, created, text);
            (string system, long made, _) = store.Rows.All.Single(row => row.Id.StartsWith("_SK_", StringComparison.Ordinal));
            store.Rows.Delete(system, made);
            Assert.NotEqual(KeyOf(record), KeyOf(session.Encrypt(Payload)));
        }

        [Fact]
        public void ExpiredKeysInUseAreTold()
        {
            policy.Notify = true;
            policy.CacheSystemKeys = false;
            policy.CacheIntermediateKeys = false;
            var log = new LogLines();
            using SessionFactory factory = NewFactory(log);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            byte[] record = session.Encrypt(Payload);
            session.Decrypt(record);
            Assert.DoesNotContain(log.Lines, line => line.Contains("NOTIFICATION", StringComparison.Ordinal));
            Expire();
            session.Decrypt(record);
            Assert.Contains("Debug: NOTIFICATION: Expired IK {KeyMeta} in use during read", log.Lines);
            Assert.Contains("Debug: NOTIFICATION: Expired SK {KeyMeta} in use during read", log.Lines);
        }

        [Fact]
        public void LoadsStoresAndCacheUpdatesAreLogged()
        {
            var log = new LogLines();
            using SessionFactory factory = NewFactory(log);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            byte[] record = session.Encrypt(Payload);
            Assert.Equal(
                new[]
                {
                    "Debug: Attempting to load latest key with keyId {KeyId}",
                    "Debug: Attempting to load latest key with keyId {KeyId}",
                    "Debug: Attempting to store new SK {KeyId} for created {Created}",
                    "Debug: Attempting to update cache for SK {KeyMeta}",
                    "Debug: Attempting to store new IK {KeyId}, for created {Created}",
                    "Debug: Attempting to update cache for IK {KeyId} with created {Created}",
                },
                log.Lines);
            using SessionFactory cold = NewFactory(log);
            using Session<byte[], byte[]> other = cold.GetSessionBytes("p");
            other.Decrypt(record);
            Assert.Equal("Debug: Attempting to load key with KeyID {KeyId} created {Created}", log.Lines[6]);
        }

        [Fact]
        public async Task AsynchronousCallsCompleteAtOnceWhenKeysAreCached()
        {
            using SessionFactory factory = NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            using var held = new ManualResetEventSlim();
            store.Before = method => held.Wait();
            Task<byte[]> cold = session.EncryptAsync(Payload);
            Assert.False(cold.IsCompleted);
            held.Set();
            byte[] record = await cold;
            Assert.True(session.EncryptAsync(Payload).IsCompletedSuccessfully);
            Assert.True(session.DecryptAsync(record).IsCompletedSuccessfully);
            Task<byte[]> failed = session.EncryptAsync(null);
            Assert.True(failed.IsFaulted);
            await Assert.ThrowsAsync<AppEncryptionException>(() => failed);
            await Assert.ThrowsAsync<ArgumentNullException>("buffer", () => session.DecryptAsync(null));
        }

        [Fact]
        public void SessionsOutliveTheirFactory()
        {
            SessionFactory factory = NewFactory();
            Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            factory.Dispose();
            factory.Dispose();
            Assert.Throws<ObjectDisposedException>(() => factory.GetSessionBytes("p"));
            byte[] record = session.Encrypt(Payload);
            Assert.Equal(Payload, session.Decrypt(record));
            session.Dispose();
            session.Dispose();
            Assert.Throws<ObjectDisposedException>(() => session.Encrypt(Payload));
            Assert.Throws<ObjectDisposedException>(() => session.Decrypt(record));
        }

        [Fact]
        public void ACallUnderWayEndsWellWhenItsSessionIsDisposed()
        {
            SessionFactory factory = NewFactory();
            Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            store.Before = method =>
            {
                session.Dispose();
                factory.Dispose();
            };
            byte[] record = session.Encrypt(Payload);
            store.Before = null;
            Assert.Throws<ObjectDisposedException>(() => session.Encrypt(Payload));
            using SessionFactory cold = NewFactory();
            using Session<byte[], byte[]> other = cold.GetSessionBytes("p");
            Assert.Equal(Payload, other.Decrypt(record));
        }

        [Fact]
        public void JsonSessionsKeepWhatTheyAreGiven()
        {
            using SessionFactory factory = NewFactory();
            using Session<JObject, JObject> session = factory.GetSessionJsonAsJson("p");
            var payload = new JObject { ["date"] = "2020-01-01T00:00:00Z", ["big"] = JToken.Parse("123456789012345678901234567890") };
            JObject record = session.Encrypt(payload);
            Assert.Equal(new[] { "Key", "Data" }, record.Properties().Select(p => p.Name));
            Assert.Equal(new[] { "Created", "Key", "ParentKeyMeta" }, ((JObject)record["Key"]).Properties().Select(p => p.Name));
            Assert.True(JToken.DeepEquals(payload, session.Decrypt(record)));
            using Session<JObject, byte[]> text = factory.GetSessionJson("p");
            Assert.True(JToken.DeepEquals(payload, text.Decrypt(TestSetup.Bytes(record.ToString()))));
        }

        [Fact]
        public void APolicyMayNotRoundUp()
        {
            using SessionFactory factory = Engine.New(true, store, new RoundsUp(), kms);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("p");
            Assert.Throws<AppEncryptionException>(() => session.Encrypt(Payload));
            Assert.Empty(store.Rows.All);
        }

        [Fact]
        public void FactoriesByHandRefuseNull()
        {
            Assert.Throws<ArgumentNullException>("productId", () => Engine.New(true, store, policy, kms, product: null));
            Assert.Throws<ArgumentException>("serviceId", () => Engine.New(true, store, policy, kms, service: string.Empty));
            Assert.Throws<ArgumentNullException>("metastore", () => Engine.New(true, null, policy, kms));
            Assert.Throws<ArgumentNullException>("keyManagementService", () => Engine.New(true, store, policy, null));
        }

        private static long KeyOf(byte[] record)
        {
            return (long)JObject.Parse(TestSetup.Text(record))["Key"]["ParentKeyMeta"]["Created"];
        }

        private static void Throw(bool fails)
        {
            if (fails)
            {
                throw new IOException("down");
            }
        }

        private SessionFactory NewFactory(ILogger logger = null)
        {
            return Engine.New(true, store, policy, kms, logger: logger);
        }

        private void Revoke(string prefix)
        {
            foreach ((string id, long created, _) in store.Rows.All.Where(row => row.Id.StartsWith(prefix, StringComparison.Ordinal)))
            {
                store.Rows.Revoke(id, created);
            }
        }

        private void Expire(KeyRows rows = null)
        {
            policy.ExpiredBefore = (rows ?? store.Rows).All.Max(row => row.Created) + 1;
        }

        private sealed class RoundsUp : NeverExpiredCryptoPolicy
        {
            public override DateTimeOffset TruncateToSystemKeyPrecision(DateTimeOffset dateTimeOffset)
            {
                return dateTimeOffset.AddMinutes(1);
            }
        }
    }
}
