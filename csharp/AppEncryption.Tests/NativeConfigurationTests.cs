using System;
using System.IO;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    public sealed class NativeConfigurationTests : IDisposable
    {
        private readonly TempDirectory directory = new TempDirectory();

        public void Dispose()
        {
            directory.Dispose();
        }

        [Fact]
        public void KeysInSqliteOutliveTheFactory()
        {
            string database = directory.File("keys \"ä\".db");
            byte[] record;
            using (SessionFactory factory = TestSetup.NewSqliteFactory(database))
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                record = session.Encrypt(TestSetup.Bytes("text"));
            }

            Assert.True(File.Exists(database));
            using SessionFactory again = TestSetup.NewSqliteFactory(database);
            using Session<byte[], byte[]> reader = again.GetSessionBytes("partition");
            Assert.Equal("text", TestSetup.Text(reader.Decrypt(record)));
        }

        [Fact]
        public void TwoFactoriesShareAStore()
        {
            string database = directory.File("keys.db");
            using SessionFactory one = TestSetup.NewSqliteFactory(database);
            using SessionFactory other = TestSetup.NewSqliteFactory(database);
            using Session<byte[], byte[]> writer = one.GetSessionBytes("partition");
            using Session<byte[], byte[]> reader = other.GetSessionBytes("partition");
            Assert.Equal("a", TestSetup.Text(reader.Decrypt(writer.Encrypt(TestSetup.Bytes("a")))));
            Assert.Equal("b", TestSetup.Text(writer.Decrypt(reader.Encrypt(TestSetup.Bytes("b")))));
        }

        [Fact]
        public void NullAndLoneSurrogatesAreRefused()
        {
            Assert.Throws<ArgumentNullException>("json", () => Step(null));
            Assert.Throws<ArgumentException>("json", () => Step("{\"Metastore\":\"\ud800\"}"));
        }

        [Theory]
        [InlineData("")]
        [InlineData("null")]
        [InlineData("[]")]
        [InlineData("{")]
        [InlineData("{\"Metastore\":\"memory}")]
        [InlineData("{\"Metastore\":\"memory\"}{\"Metastore\":\"memory\"}")]
        [InlineData("{\"Metastore\":\"memory\"},{}")]
        [InlineData("{}")]
        [InlineData("{\"ConnectionString\":\"Metastore\"}")]
        [InlineData("{\"RegionMap\":{\"Metastore\":\"memory\"}}")]
        public void WhatIsNoConfigurationIsRefusedAtOnce(string json)
        {
            Assert.Throws<ArgumentException>("json", () => Step(json));
        }

        [Theory]
        [InlineData("ProductID", "\"p\"")]
        [InlineData("ServiceName", "\"s\"")]
        [InlineData("KMS", "\"static\"")]
        [InlineData("StaticMasterKey", "\"0123456789abcdef0123456789abcdef\"")]
        [InlineData("StaticMasterKeyHex", "\"00\"")]
        [InlineData("ExpireAfter", "60")]
        [InlineData("CheckInterval", "60")]
        [InlineData("CacheSystemKeys", "true")]
        [InlineData("CacheIntermediateKeys", "true")]
        [InlineData("EnableSessionCaching", "true")]
        [InlineData("SessionCacheMaxSize", "1")]
        [InlineData("SessionCacheDuration", "1")]
        [InlineData("AllowEmptyPartition", "true")]
        [InlineData("StrictConfig", "false")]
        public void FieldsOfTheBuilderAreRefusedByName(string field, string value)
        {
            foreach (string json in new[]
            {
                "{\"Metastore\":\"memory\",\"" + field + "\":" + value + "}",
                " { \"" + field + "\" : " + value + " , \"Metastore\" : \"memory\" } ",
            })
            {
                var e = Assert.Throws<ArgumentException>("json", () => Step(json));
                Assert.Contains(field, e.Message, StringComparison.Ordinal);
            }
        }

        [Theory]
        [InlineData("{\"Metastore\":\"memory\",\"NoSuchField\":1}", "NoSuchField")]
        [InlineData("{\"Metastore\":\"no such store\"}", "Metastore")]
        [InlineData("{\"Metastore\":1}", "Metastore")]
        [InlineData("{\"Metastore\":\"sqlite\"}", "ConnectionString")]
        [InlineData("{\"Metastore\":\"memory\",\"PoolMaxOpen\":-1}", "PoolMaxOpen")]
        [InlineData("{\"Metastore\":\"memory\",\"\\u004bMS\":\"static\"}", "KMS")]
        [InlineData("{\"Metastore\":\"memory\",}", "")]
        [InlineData("{\"Metastore\":\"memory\" \"x\"}", "")]
        [InlineData("{,\"Metastore\":\"memory\"}", "")]
        [InlineData("{\"Metastore\":\"memory\"/**/}", "")]
        public void WhatTheLibraryRefusesIsAnArgumentError(string json, string named)
        {
            SessionFactory.IBuildStep step = Step(json)
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(TestSetup.Key);
            var e = Assert.Throws<ArgumentException>(() => step.Build());
            Assert.Contains(named, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(TestSetup.Key, e.Message, StringComparison.Ordinal);
        }

        [Fact]
        public void OtherFieldsReachTheLibrary()
        {
            string database = directory.File("missing.db");
            SessionFactory.IBuildStep step = Step(
                    "\n{ \"Metastore\": \"sqlite\", \"SQLiteCreate\": false, \"ConnectionString\": " +
                    Newtonsoft.Json.JsonConvert.ToString(database) + " }\n")
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(TestSetup.Key);
            Assert.Throws<AppEncryptionException>(() =>
            {
                using SessionFactory factory = step.Build();
                using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
                session.Encrypt(new byte[1]);
            });
            Assert.False(File.Exists(database));
        }

        [Fact]
        public void AStoreThatFailsIsNoEmptyStore()
        {
            string database = directory.File("keys.db");
            File.WriteAllText(database, "no database, and too long for an empty one" + new string('x', 5000));
            Exception e = Record.Exception(() =>
            {
                using SessionFactory factory = TestSetup.NewSqliteFactory(database);
                using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
                session.Encrypt(new byte[1]);
            });
            Assert.IsType<AppEncryptionException>(e);
            Assert.IsNotType<MetadataMissingException>(e);
        }

        private static SessionFactory.ICryptoPolicyStep Step(string json)
        {
            return SessionFactory.NewBuilder("product", "service").WithNativeConfiguration(json);
        }
    }
}
