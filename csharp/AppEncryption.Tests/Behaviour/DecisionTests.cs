using System;
using System.Linq;
using System.Threading;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>Decisions of policies, at each of which a user's one is asked.</summary>
    public sealed class DecisionTests
    {
        private readonly RecordingMetastore metastore = new RecordingMetastore();

        public static TheoryData<string> Engines => Engine.Both;

        [Theory]
        [MemberData(nameof(Engines))]
        public void AUsersPolicyIsAskedAtEachDecision(string engine)
        {
            var policy = new OwnPolicy();
            using SessionFactory factory = Engine.Build(engine, metastore, policy, new OwnKms());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            session.Encrypt(new byte[1]);
            for (int i = 0; i < 5; i++)
            {
                int before = policy.Asked;
                session.Encrypt(new byte[1]);
                Assert.True(policy.Asked > before);
            }
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AnExpiredKeyIsReplacedInline(string engine)
        {
            var policy = new OwnPolicy { Precision = TimeSpan.FromSeconds(1) };
            using SessionFactory factory = Engine.Build(engine, metastore, policy, new OwnKms());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] old = session.Encrypt(new byte[1]);
            Expire(policy);
            byte[] young = session.Encrypt(new byte[2]);
            Assert.Equal(4, metastore.Records.Count);
            Assert.NotEqual(Parent(old), Parent(young));
            Assert.Equal(new byte[1], session.Decrypt(old));
            Assert.Equal(new byte[2], session.Decrypt(young));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void QueuedRotationUsesTheOldKeyAndReplacesItBehind(string engine)
        {
            var policy = new OwnPolicy
            {
                Precision = TimeSpan.FromSeconds(1),
                Strategy = CryptoPolicy.KeyRotationStrategy.Queued,
            };
            using var mayStore = new ManualResetEventSlim();
            using SessionFactory factory = Engine.Build(engine, metastore, policy, new OwnKms());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] old = session.Encrypt(new byte[1]);
            Expire(policy);

            // Who encrypts does not wait for the store, in which nothing can be stored yet.
            metastore.Before = call => Assert.True(
                !call.StartsWith("Store", StringComparison.Ordinal) || mayStore.Wait(TimeSpan.FromSeconds(60)));
            Assert.Equal(Parent(old), Parent(session.Encrypt(new byte[1])));
            mayStore.Set();
            Wait.Until(
                () => Parent(session.Encrypt(new byte[1])) != Parent(old), "the key was not replaced in the background");
            Assert.Equal(new byte[1], session.Decrypt(old));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void WithoutKeyCachesEachCallAsks(string engine)
        {
            var policy = new OwnPolicy { CachesKeys = false };
            using SessionFactory factory = Engine.Build(engine, metastore, policy, new OwnKms());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = session.Encrypt(new byte[1]);
            metastore.Calls();
            session.Encrypt(new byte[1]);
            Assert.Equal("LoadLatest IK, Load SK", metastore.Calls());
            session.Decrypt(record);
            Assert.Equal("Load IK, Load SK", metastore.Calls());
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void CreationTimesAreTruncatedToTheMinute(string engine)
        {
            using SessionFactory factory = Engine.Build(engine, metastore, new NeverExpiredCryptoPolicy(), new OwnKms());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            session.Encrypt(new byte[1]);
            Assert.All(metastore.Records, pair => Assert.Equal(0, pair.Key.Created.ToUnixTimeSeconds() % 60));
        }

        [Fact]
        public void NegativeDaysAndMinutesAreAcceptedAndTooManyAreNot()
        {
            BasicExpiringCryptoPolicy policy = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(-1)
                .WithRevokeCheckMinutes(-1)
                .Build();
            Assert.True(policy.IsKeyExpired(DateTimeOffset.UtcNow));
            Assert.Throws<ArgumentOutOfRangeException>(() => BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(int.MaxValue)
                .WithRevokeCheckMinutes(int.MaxValue)
                .Build());
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void NegativeDaysWorkAsKeysThatAreNeverFresh(string engine)
        {
            CryptoPolicy policy = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(-1)
                .WithRevokeCheckMinutes(1)
                .Build();
            using SessionFactory factory = Engine.Build(engine, metastore, policy, new OwnKms());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Equal(new byte[1], session.Decrypt(session.Encrypt(new byte[1])));
        }

        /// <summary>Has every key expired that there is, as soon as new ones have another creation time.</summary>
        private void Expire(OwnPolicy policy)
        {
            DateTimeOffset made = metastore.Records.Max(pair => pair.Key.Created);
            Wait.Until(() => DateTimeOffset.UtcNow >= made.AddSeconds(1.1), "the clock stands still");
            policy.Expired = created => created <= made;
        }

        private static string Parent(byte[] record)
        {
            return Newtonsoft.Json.Linq.JObject.Parse(TestSetup.Text(record))["Key"]["ParentKeyMeta"].ToString();
        }
    }
}
