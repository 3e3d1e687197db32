using System;
using System.Linq;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Envelope;
using GoDaddy.Asherah.AppEncryption.Tests.Callbacks;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests.Logging
{
    public sealed class LogTests
    {
        private const string LoadLatest = "Attempting to load latest key with keyId {KeyId}";
        private const string Load = "Attempting to load key with KeyID {KeyId} created {Created}";
        private const string StoreSystemKey = "Attempting to store new SK {KeyId} for created {Created}";
        private const string StoreIntermediateKey = "Attempting to store new IK {KeyId}, for created {Created}";
        private const string CacheSystemKey = "Attempting to update cache for SK {KeyMeta}";
        private const string CacheIntermediateKey = "Attempting to update cache for IK {KeyId} with created {Created}";

        [Fact]
        public void OperatorsFindTheLinesOfCanonicalAsherah()
        {
            var log = new RecordingLogger();
            var store = new MapMetastore();
            byte[] record;
            using (SessionFactory factory = Hosted.NewFactory(store, logger: log))
            {
                record = Hosted.Encrypt(factory);
                Assert.Equal(
                    new[]
                    {
                        LoadLatest,
                        LoadLatest,
                        StoreSystemKey,
                        CacheSystemKey,
                        StoreIntermediateKey,
                        CacheIntermediateKey,
                    },
                    log.Lines.Select(line => line.Template));
                Assert.All(log.Lines, line => Assert.Equal((LogLevel.Debug, 0), (line.Level, line.Event.Id)));
                Hosted.Decrypt(factory, record);
                Assert.Equal(6, log.Lines.Length);
            }

            DateTimeOffset created = DateTimeOffset.FromUnixTimeSeconds(Hosted.KeyCreated(record));
            Assert.Equal("_IK_partition_service_product", log.Lines[0].Values["KeyId"]);
            Assert.Equal("_SK_service_product", log.Lines[1].Values["KeyId"]);
            Assert.Equal(created, log.Lines[4].Values["Created"]);
            Assert.Equal(new KeyMeta("_SK_service_product", created), log.Lines[3].Values["KeyMeta"]);
            Assert.Equal("Attempting to load latest key with keyId _IK_partition_service_product", log.Lines[0].Text);

            var second = new RecordingLogger();
            using (SessionFactory factory = Hosted.NewFactory(store, logger: second))
            {
                Hosted.Decrypt(factory, record);
            }

            Assert.Equal(
                new[] { Load, Load, CacheSystemKey, CacheIntermediateKey }, second.Lines.Select(line => line.Template));
            Assert.Equal(6, log.Lines.Length);
        }

        [Fact]
        public void ALevelThatIsOffIsNotLogged()
        {
            var log = new RecordingLogger { Least = LogLevel.Information };
            using SessionFactory factory = Hosted.NewFactory(new MapMetastore(), logger: log);
            Hosted.Encrypt(factory);
            Assert.Empty(log.Lines);
            log.Least = LogLevel.Debug;
            Hosted.Encrypt(factory, "other");
            Assert.NotEmpty(log.Lines);
        }

        [Fact]
        public void WithoutALoggerNothingIsTold()
        {
            int before = HostReference.Count;
            using (Hosted.NewFactory(new MapMetastore()))
            {
                Assert.Equal(before + 1, HostReference.Count);
            }

            using (Hosted.NewFactory(new MapMetastore(), logger: new RecordingLogger()))
            {
                Assert.Equal(before + 2, HostReference.Count);
            }

            Assert.Equal(before, HostReference.Count);
        }

        [Fact]
        public void ALoggerThatThrowsStopsNothing()
        {
            var log = new RecordingLogger { Fault = new TimeoutException("mine") };
            using SessionFactory factory = Hosted.NewFactory(new MapMetastore(), logger: log);
            Assert.Equal("payload", Hosted.Decrypt(factory, Hosted.Encrypt(factory)));
        }
    }
}
