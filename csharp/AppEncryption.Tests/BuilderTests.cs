using System;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    public sealed class BuilderTests
    {
        [Fact]
        public void ProductAndServiceAreRequired()
        {
            Assert.Throws<ArgumentNullException>("productId", () => SessionFactory.NewBuilder(null, "service"));
            Assert.Throws<ArgumentNullException>("serviceId", () => SessionFactory.NewBuilder("product", null));
            Assert.Throws<ArgumentException>("productId", () => SessionFactory.NewBuilder(string.Empty, "service"));
            Assert.Throws<ArgumentException>("serviceId", () => SessionFactory.NewBuilder("product", string.Empty));
            Assert.Throws<ArgumentException>("productId", () => SessionFactory.NewBuilder("\ud800", "service"));
            Assert.Throws<ArgumentException>("serviceId", () => SessionFactory.NewBuilder("product", "a\udfff"));
        }

        [Fact]
        public void ThePolicyIsRequired()
        {
            Assert.Throws<ArgumentNullException>("cryptoPolicy", () => Policy(null));
        }

        [Fact]
        public void MetastoreAndServiceAreRequired()
        {
            SessionFactory.IMetastoreStep builder = SessionFactory.NewBuilder("product", "service");
            Assert.Throws<ArgumentNullException>("metastore", () => builder.WithMetastore(null));
            SessionFactory.IKeyManagementServiceStep step = Policy(new NeverExpiredCryptoPolicy());
            Assert.Throws<ArgumentNullException>("keyManagementService", () => step.WithKeyManagementService(null));
        }

        [Fact]
        public void MetricsAndLoggerAreNot()
        {
            using SessionFactory factory = Policy(new NeverExpiredCryptoPolicy())
                .WithStaticKeyManagementService(TestSetup.Key)
                .WithMetrics(null)
                .WithLogger(null)
                .Build();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Equal("text", TestSetup.Text(session.Decrypt(session.Encrypt(TestSetup.Bytes("text")))));
        }

        [Theory]
        [InlineData(1, 1)]
        [InlineData(90, 60)]
        [InlineData(36500, 52560000)]
        [InlineData(10_000_000, 1_000_000_000)]
        [InlineData(-1, 1)]
        [InlineData(1, -1)]
        [InlineData(0, 0)]
        public void PoliciesOfAnyNumbersAreTaken(int days, int minutes)
        {
            using SessionFactory factory = Policy(Expiring(days, minutes).WithCanCacheSessions(true).Build())
                .WithStaticKeyManagementService(TestSetup.Key)
                .Build();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Equal("text", TestSetup.Text(session.Decrypt(session.Encrypt(TestSetup.Bytes("text")))));
        }

        [Fact]
        public void TheStaticKeyIs32BytesOfUtf8()
        {
            SessionFactory.IKeyManagementServiceStep step = Policy(new NeverExpiredCryptoPolicy());
            Assert.Throws<ArgumentNullException>("staticMasterKey", () => step.WithStaticKeyManagementService(null));
            foreach (string key in new[]
            {
                string.Empty,
                "0123456789abcdef",
                TestSetup.Key + "0",
                TestSetup.Key.Substring(1),
                "ä" + TestSetup.Key.Substring(1),
                TestSetup.Key.Substring(1) + "\ud800",
            })
            {
                Assert.Throws<ArgumentException>("staticMasterKey", () => step.WithStaticKeyManagementService(key));
            }
        }

        [Theory]
        [InlineData("0123456789abcdef0123456789abcdef")]
        [InlineData("0123456789abcdef0123456789abcd\u00e4")]
        [InlineData("\"\\\0\u0001\u20ac89abcdef0123456789abcdef!")]
        public void TheKeyBytesAreWhatCounts(string key)
        {
            using var directory = new TempDirectory();
            string database = directory.File("keys.db");
            byte[] record;
            using (SessionFactory writer = TestSetup.NewSqliteFactory(database, key))
            using (Session<byte[], byte[]> session = writer.GetSessionBytes("partition"))
            {
                record = session.Encrypt(TestSetup.Bytes("text"));
            }

            // The same bytes, given to the library in its own field.
            using var factory = NativeFactory.Open(
                "{\"ServiceName\":\"service\",\"ProductID\":\"product\",\"Metastore\":\"sqlite\"," +
                "\"ConnectionString\":" + Newtonsoft.Json.JsonConvert.ToString(database) +
                ",\"KMS\":\"static\",\"StaticMasterKeyHex\":\"" +
                Convert.ToHexString(TestSetup.Bytes(key)) + "\"}");
            Assert.Equal("text", TestSetup.Text(factory.Decrypt("partition", record)));
        }

        [Fact]
        public void NamesWithAnyCharactersAreTaken()
        {
            const string Name = "a\"b\\c\0\n\u001f\u007fä\u2028\ud83d\ude00/";
            using SessionFactory factory = TestSetup.NewFactory(Name + "p", Name + "s");
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = session.Encrypt(TestSetup.Bytes("text"));
            Newtonsoft.Json.Linq.JObject parsed = Newtonsoft.Json.Linq.JObject.Parse(TestSetup.Text(record));
            Assert.Equal(
                "_IK_partition_" + Name + "s_" + Name + "p", (string)parsed["Key"]["ParentKeyMeta"]["KeyId"]);
            Assert.Equal("text", TestSetup.Text(session.Decrypt(record)));
        }

        [Fact]
        public void ABuilderMayBuildTwice()
        {
            SessionFactory.IBuildStep step = Policy(new NeverExpiredCryptoPolicy())
                .WithStaticKeyManagementService(TestSetup.Key);
            using SessionFactory one = step.Build();
            using SessionFactory other = step.Build();
            using Session<byte[], byte[]> session = one.GetSessionBytes("partition");
            using Session<byte[], byte[]> stranger = other.GetSessionBytes("partition");
            byte[] record = session.Encrypt(new byte[1]);
            Assert.Throws<Exceptions.MetadataMissingException>(() => stranger.Decrypt(record));
        }

        private static SessionFactory.IKeyManagementServiceStep Policy(CryptoPolicy policy)
        {
            return SessionFactory.NewBuilder("product", "service").WithInMemoryMetastore().WithCryptoPolicy(policy);
        }

        private static BasicExpiringCryptoPolicy.IBuildStep Expiring(int days, int minutes)
        {
            return BasicExpiringCryptoPolicy.NewBuilder().WithKeyExpirationDays(days).WithRevokeCheckMinutes(minutes);
        }
    }
}
