using System;
using GoDaddy.Asherah.AppEncryption.Tests.Callbacks;
using GoDaddy.Asherah.AppEncryption.Tests.Logging;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Tests.Policies
{
    /// <summary>The knobs of <see cref="BasicExpiringCryptoPolicy"/>, by what a store is asked.</summary>
    public sealed class ConfiguredPolicyTests
    {
        private static readonly string[] NoCalls = Array.Empty<string>();

        private readonly MapMetastore store = new MapMetastore();

        [Theory]
        [InlineData(true, true)]
        [InlineData(true, false)]
        [InlineData(false, true)]
        [InlineData(false, false)]
        public void KeysAreCachedAsThePolicySays(bool systemKeys, bool intermediateKeys)
        {
            using SessionFactory factory = Hosted.NewFactory(store, NewPolicy()
                .WithCanCacheSystemKeys(systemKeys)
                .WithCanCacheIntermediateKeys(intermediateKeys)
                .Build());
            byte[] record = Hosted.Encrypt(factory);
            store.TakeCalls();
            Hosted.Decrypt(factory, record);
            string[] expected = intermediateKeys ? NoCalls
                : systemKeys ? new[] { "Load IK" }
                : new[] { "Load IK", "Load SK" };
            Assert.Equal(expected, store.TakeCalls());
        }

        [Theory]
        [InlineData(1, true)]
        [InlineData(30, false)]
        public void KeysExpireAfterTheirDays(int days, bool replaced)
        {
            byte[] old = EncryptWithAgedKeys();
            using SessionFactory factory = Hosted.NewFactory(store, NewPolicy(days).Build());
            Assert.Equal(replaced, Hosted.KeyCreated(Hosted.Encrypt(factory)) > Hosted.KeyCreated(old));
            Assert.Equal("payload", Hosted.Decrypt(factory, old));
        }

        [Theory]
        [InlineData(false, false)]
        [InlineData(true, false)]
        [InlineData(false, true)]
        [InlineData(true, true)]
        public void ReadingWithExpiredKeysIsReportedAsThePolicySays(bool systemKey, bool intermediateKey)
        {
            byte[] old = EncryptWithAgedKeys();
            var log = new RecordingLogger();
            using SessionFactory factory = Hosted.NewFactory(
                store,
                NewPolicy()
                    .WithNotifyExpiredSystemKeyOnRead(systemKey)
                    .WithNotifyExpiredIntermediateKeyOnRead(intermediateKey)
                    .Build(),
                log);
            Hosted.Decrypt(factory, old);
            Assert.Equal(systemKey ? 1 : 0, log.Count("NOTIFICATION: Expired SK {KeyMeta} in use during read"));
            Assert.Equal(intermediateKey ? 1 : 0, log.Count("NOTIFICATION: Expired IK {KeyMeta} in use during read"));
            Hosted.Decrypt(factory, old);
            Assert.Equal(intermediateKey ? 2 : 0, log.Count("NOTIFICATION: Expired IK {KeyMeta} in use during read"));
        }

        [Fact]
        public void AQueuedRotationIsDoneInTheBackground()
        {
            using var directory = new TempDirectory();
            string database = directory.File("keys.db");
            byte[] old;
            using (SessionFactory factory = NewSqliteFactory(
                database, new MovablePolicy { Age = TimeSpan.FromDays(3) }, null))
            {
                old = Hosted.Encrypt(factory);
            }

            var log = new RecordingLogger();
            using (SessionFactory factory = NewSqliteFactory(
                database,
                NewPolicy().WithRotationStrategy(CryptoPolicy.KeyRotationStrategy.Queued).Build(),
                log))
            {
                Assert.Equal(Hosted.KeyCreated(old), Hosted.KeyCreated(Hosted.Encrypt(factory)));
                Wait.Until(
                    () => Hosted.KeyCreated(Hosted.Encrypt(factory)) > Hosted.KeyCreated(old), "there is no new key");
                Assert.Equal("payload", Hosted.Decrypt(factory, old));
            }

            Assert.True(log.Count("Queuing up IK {KeyId} for rotation") >= 1);
        }

        [Fact]
        public void AnInlineRotationIsDoneByTheCall()
        {
            byte[] old = EncryptWithAgedKeys();
            using SessionFactory factory = Hosted.NewFactory(
                store, NewPolicy().WithRotationStrategy(CryptoPolicy.KeyRotationStrategy.Inline).Build());
            Assert.True(Hosted.KeyCreated(Hosted.Encrypt(factory)) > Hosted.KeyCreated(old));
        }

        private static BasicExpiringCryptoPolicy.IBuildStep NewPolicy(int days = 1)
        {
            return BasicExpiringCryptoPolicy.NewBuilder().WithKeyExpirationDays(days).WithRevokeCheckMinutes(30);
        }

        private static SessionFactory NewSqliteFactory(string database, CryptoPolicy policy, RecordingLogger log)
        {
            return SessionFactory.NewBuilder("product", "service")
                .WithNativeConfiguration(TestSetup.Sqlite(database))
                .WithCryptoPolicy(policy)
                .WithStaticKeyManagementService(TestSetup.Key)
                .WithLogger(log)
                .Build();
        }

        private byte[] EncryptWithAgedKeys()
        {
            using SessionFactory factory = Hosted.NewFactory(
                store, new MovablePolicy { Age = TimeSpan.FromDays(3) });
            return Hosted.Encrypt(factory);
        }
    }
}
