using System;
using System.Data.Common;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using Newtonsoft.Json.Linq;
using PlugIn = GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementService;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>Builders: what comes first, what is left out, what is refused at once.</summary>
    public sealed class StepTests
    {
        public static TheoryData<string> Engines => Engine.Both;

        private static SessionFactory.IMetastoreStep Start => SessionFactory.NewBuilder("product", "service");

        [Theory]
        [MemberData(nameof(Engines))]
        public void TheProductComesFirstInBuildersAndLastInPartitions(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], JObject> session = factory.GetSessionBytesAsJson("partition");
            string id = (string)session.Encrypt(new byte[1])["Key"]["ParentKeyMeta"]["KeyId"];
            Assert.Equal("_IK_partition_service_product", id);
            Assert.Equal(id, new DefaultPartition("partition", "service", "product").IntermediateKeyId);
            Assert.Equal(
                id + "_region",
                new SuffixedPartition("partition", "service", "product", "region").IntermediateKeyId);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void MetricsAndLoggerMayBeGivenInAnyOrderMoreThanOnceAndNull(string engine)
        {
            using SessionFactory factory = Engine.Build(engine, Start
                .WithInMemoryMetastore()
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(TestSetup.Key)
                .WithLogger(new LogLines())
                .WithMetrics(null)
                .WithLogger(null)
                .WithMetrics(null));
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Equal(new byte[1], session.Decrypt(session.Encrypt(new byte[1])));
        }

        [Fact]
        public void NullIsRefusedAtTheCall()
        {
            Assert.Throws<ArgumentNullException>("productId", () => SessionFactory.NewBuilder(null, "service"));
            Assert.Throws<ArgumentNullException>("serviceId", () => SessionFactory.NewBuilder("product", null));
            Assert.Throws<ArgumentNullException>("metastore", () => Start.WithMetastore(null));
            Assert.Throws<ArgumentNullException>(
                "cryptoPolicy", () => Start.WithInMemoryMetastore().WithCryptoPolicy(null));
            SessionFactory.IKeyManagementServiceStep keys = Start.WithInMemoryMetastore().WithNeverExpiredCryptoPolicy();
            Assert.Throws<ArgumentNullException>("keyManagementService", () => keys.WithKeyManagementService(null));
            Assert.Throws<ArgumentNullException>("staticMasterKey", () => keys.WithStaticKeyManagementService(null));
        }

        [Fact]
        public void AStaticKeyIs32BytesOfUtf8()
        {
            SessionFactory.IKeyManagementServiceStep keys = Start.WithInMemoryMetastore().WithNeverExpiredCryptoPolicy();
            Assert.Throws<ArgumentException>(() => keys.WithStaticKeyManagementService("0123456789abcdef"));
            Assert.Throws<ArgumentException>(() => keys.WithStaticKeyManagementService(TestSetup.Key + "x"));
            Assert.Throws<ArgumentException>(() => new StaticKeyManagementServiceImpl("0123456789abcdef"));
            Assert.Throws<ArgumentNullException>(() => new StaticKeyManagementServiceImpl(null));
        }

        [Fact]
        public void AdoRefusesNullAtOnce()
        {
            Assert.Throws<ArgumentNullException>(() => AdoMetastoreImpl.NewBuilder(null, "Data Source=x"));
            Assert.Throws<ArgumentNullException>(
                () => AdoMetastoreImpl.NewBuilder(new Providers(), null));
        }

        [Fact]
        public void DynamoDbRefusesNullRegionsAndTables()
        {
            Assert.Throws<ArgumentNullException>(
                "key", () => DynamoDbMetastoreImpl.NewBuilder("us-west-2").WithRegion(null));
            Assert.Throws<ArgumentNullException>(
                "tableName", () => DynamoDbMetastoreImpl.NewBuilder("us-west-2").WithTableName(null));
        }

        [Fact]
        public void TheKeySuffixIsOfTheInstance()
        {
            DynamoDbMetastoreImpl one = DynamoDbMetastoreImpl.NewBuilder("us-west-2").WithKeySuffix().Build();
            DynamoDbMetastoreImpl other = DynamoDbMetastoreImpl.NewBuilder("us-east-1").Build();
            Assert.Equal("us-west-2", one.GetKeySuffix());
            Assert.Equal(string.Empty, other.GetKeySuffix());
        }

        [Fact]
        public void TheLegacyKmsNeedsADictionary()
        {
#pragma warning disable CS0618 // What is obsolete is there still.
            Assert.Throws<ArgumentNullException>(
                "source", () => AwsKeyManagementServiceImpl.NewBuilder(null, "us-west-2").Build());
#pragma warning restore CS0618
        }

        [Fact]
        public void ThePlugInSaysWhatIsMissing()
        {
            var loggers = Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance;
            var credentials = new Amazon.Runtime.BasicAWSCredentials("key", "secret");
            const string Arn = "arn:aws:kms:us-west-2:111122223333:key/one";
            Assert.Throws<InvalidOperationException>(() => PlugIn.NewBuilder()
                .WithRegionKeyArn("us-west-2", Arn).WithCredentials(credentials).Build());
            Assert.Throws<InvalidOperationException>(() => PlugIn.NewBuilder()
                .WithLoggerFactory(loggers).WithCredentials(credentials).Build());
            Assert.Throws<InvalidOperationException>(() => PlugIn.NewBuilder()
                .WithLoggerFactory(loggers).WithRegionKeyArn("us-west-2", Arn).Build());
            Assert.Throws<ArgumentException>("region", () => PlugIn.NewBuilder().WithRegionKeyArn(string.Empty, Arn));
            Assert.Throws<ArgumentException>(
                "keyArn", () => PlugIn.NewBuilder().WithRegionKeyArn("us-west-2", string.Empty));
            using PlugIn kms = PlugIn.NewBuilder()
                .WithLoggerFactory(loggers).WithRegionKeyArn("us-west-2", Arn).WithCredentials(credentials).Build();
            Assert.NotNull(kms);
        }

        private sealed class Providers : DbProviderFactory
        {
        }
    }
}
