using System;
using System.Linq;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>Lines that operators match on, by template and level.</summary>
    public sealed class LoggingTests
    {
        private readonly RecordingMetastore metastore = new RecordingMetastore();
        private readonly LogLines logger = new LogLines();

        public static TheoryData<string> Engines => Engine.Both;

        [Theory]
        [MemberData(nameof(Engines))]
        public void LoadsAndStoresOfKeys(string engine)
        {
            byte[] record = RoundTrip(engine, new OwnPolicy());
            using SessionFactory factory = Engine.Build(
                engine, metastore, new OwnPolicy(), new OwnKms(), logger);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            session.Decrypt(record);
            foreach (string template in new[]
            {
                "Attempting to load latest key with keyId {KeyId}",
                "Attempting to load key with KeyID {KeyId} created {Created}",
                "Attempting to store new SK {KeyId} for created {Created}",
                "Attempting to store new IK {KeyId}, for created {Created}",
                "Attempting to update cache for SK {KeyMeta}",
                "Attempting to update cache for IK {KeyId} with created {Created}",
            })
            {
                Assert.Equal(LogLevel.Debug, logger.LevelOf(template));
            }

            Assert.All(logger.All, line => Assert.Equal(0, line.Event.Id));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void ExpiredKeysOnRead(string engine)
        {
            byte[] record = RoundTrip(engine, new OwnPolicy());
            var policy = new OwnPolicy { Notifies = true, Expired = created => true };
            using SessionFactory factory = Engine.Build(engine, metastore, policy, new OwnKms(), logger);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            session.Decrypt(record);
            Assert.Equal(
                LogLevel.Debug, logger.LevelOf("NOTIFICATION: Expired IK {KeyMeta} in use during read"));
            Assert.Equal(
                LogLevel.Debug, logger.LevelOf("NOTIFICATION: Expired SK {KeyMeta} in use during read"));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void QueuedRotations(string engine)
        {
            RoundTrip(engine, new OwnPolicy());
            var policy = new OwnPolicy
            {
                Expired = created => true,
                Strategy = Crypto.CryptoPolicy.KeyRotationStrategy.Queued,
            };
            using SessionFactory factory = Engine.Build(engine, metastore, policy, new OwnKms(), logger);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            session.Encrypt(new byte[1]);
            Assert.Equal(LogLevel.Debug, logger.LevelOf("Queuing up IK {KeyId} for rotation"));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void NothingOfSecretsIsInALine(string engine)
        {
            RoundTrip(engine, new OwnPolicy());
            Assert.NotEmpty(logger.All);
            Assert.DoesNotContain(logger.All, line => line.Template.Contains("the payload", StringComparison.Ordinal));
        }

        private byte[] RoundTrip(string engine, OwnPolicy policy)
        {
            using SessionFactory factory = Engine.Build(engine, metastore, policy, new OwnKms(), logger);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = session.Encrypt(TestSetup.Bytes("the payload"));
            session.Decrypt(record);
            return record;
        }
    }
}
