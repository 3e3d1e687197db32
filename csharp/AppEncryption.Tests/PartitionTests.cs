using System;
using GoDaddy.Asherah.AppEncryption.Exceptions;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    public sealed class PartitionTests : IDisposable
    {
        private const string EmptySwitch = "GoDaddy.Asherah.AllowEmptyPartition";

        private readonly SessionFactory factory = TestSetup.NewFactory();

        public void Dispose()
        {
            factory.Dispose();
        }

        [Theory]
        [InlineData("a\0b")]
        [InlineData("\0")]
        [InlineData(" ")]
        [InlineData("ä€\ud83d\ude00")]
        [InlineData("\"\\/\b\n\u2028\u007f")]
        public void IdsAreTakenVerbatim(string id)
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes(id);
            byte[] record = session.Encrypt(TestSetup.Bytes("text"));
            Newtonsoft.Json.Linq.JObject parsed = Newtonsoft.Json.Linq.JObject.Parse(TestSetup.Text(record));
            Assert.Equal("_IK_" + id + "_service_product", (string)parsed["Key"]["ParentKeyMeta"]["KeyId"]);
            Assert.Equal("text", TestSetup.Text(session.Decrypt(record)));
        }

        [Theory]
        [InlineData("a", "a\0")]
        [InlineData("a\0b", "a\0c")]
        [InlineData("a", "A")]
        [InlineData("a", "a ")]
        [InlineData("\u00e9", "e\u0301")]
        public void IdsThatDifferAreDifferentPartitions(string one, string other)
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes(one);
            using Session<byte[], byte[]> stranger = factory.GetSessionBytes(other);
            byte[] record = session.Encrypt(TestSetup.Bytes("text"));
            stranger.Encrypt(TestSetup.Bytes("so that the other partition has a key"));
            var e = Assert.Throws<MetadataMissingException>(() => stranger.Decrypt(record));
            Assert.StartsWith("Could not find", e.Message, StringComparison.Ordinal);
        }

        [Fact]
        public void OtherServicesAndProductsDoNotRead()
        {
            using var directory = new TempDirectory();
            string database = directory.File("keys.db");
            using SessionFactory own = TestSetup.NewSqliteFactory(database);
            using SessionFactory product = TestSetup.NewSqliteFactory(database, product: "product2");
            using SessionFactory service = TestSetup.NewSqliteFactory(database, service: "service2");
            using Session<byte[], byte[]> session = own.GetSessionBytes("partition");
            byte[] record = session.Encrypt(TestSetup.Bytes("text"));
            foreach (SessionFactory stranger in new[] { product, service })
            {
                using Session<byte[], byte[]> reader = stranger.GetSessionBytes("partition");
                reader.Encrypt(TestSetup.Bytes("so that there is a key"));
                Assert.Throws<MetadataMissingException>(() => reader.Decrypt(record));
            }
        }

        [Fact]
        public void LoneSurrogatesAreRefused()
        {
            // Not as InlineData: attributes are stored as UTF-8, which has no lone surrogates.
            foreach (string id in new[] { "\ud800", "a\udc00b", "\udc00\ud800" })
            {
                Assert.Throws<ArgumentException>("partitionId", () => factory.GetSessionBytes(id));
            }
        }

        [Fact]
        public void NullIsRefused()
        {
            Assert.Throws<ArgumentNullException>("partitionId", () => factory.GetSessionBytes(null));
            Assert.Throws<ArgumentNullException>("partitionId", () => factory.GetSessionJson(null));
            Assert.Throws<ArgumentNullException>("partitionId", () => factory.GetSessionBytesAsJson(null));
            Assert.Throws<ArgumentNullException>("partitionId", () => factory.GetSessionJsonAsJson(null));
        }

        [Fact]
        public void TheEmptyPartitionNeedsTheSwitch()
        {
            Assert.Throws<ArgumentException>("partitionId", () => factory.GetSessionBytes(string.Empty));
            AppContext.SetSwitch(EmptySwitch, true);
            try
            {
                using SessionFactory tolerant = TestSetup.NewFactory();
                using Session<byte[], byte[]> session = tolerant.GetSessionBytes(string.Empty);
                byte[] record = session.Encrypt(TestSetup.Bytes("text"));
                Assert.Contains("\"_IK__service_product\"", TestSetup.Text(record), StringComparison.Ordinal);
                Assert.Equal("text", TestSetup.Text(session.Decrypt(record)));
            }
            finally
            {
                AppContext.SetSwitch(EmptySwitch, false);
            }
        }

        [Fact]
        public void AnIdBeyondWhatTheLibraryTakesIsAnArgumentError()
        {
            Assert.ThrowsAny<ArgumentException>(() => factory.GetSessionBytes(new string('x', (1 << 20) + 1)));
        }
    }
}
