using System;
using System.Threading;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Callbacks
{
    public sealed class MetastoreCallTests
    {
        private static readonly string[] NoCalls = Array.Empty<string>();

        [Fact]
        public void AStoreIsAskedWhatCanonicalAsherahAsks()
        {
            var store = new MapMetastore();
            byte[] record;
            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                record = Hosted.Encrypt(factory);
                Assert.Equal(
                    new[] { "GetKeySuffix", "LoadLatest IK", "LoadLatest SK", "Store SK", "Store IK" },
                    store.TakeCalls());
                Hosted.Decrypt(factory, record);
                Hosted.Encrypt(factory);
                Assert.Equal(NoCalls, store.TakeCalls());
            }

            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                Hosted.Encrypt(factory);
                Assert.Equal(new[] { "GetKeySuffix", "LoadLatest IK", "Load SK" }, store.TakeCalls());
            }

            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                Assert.Equal("payload", Hosted.Decrypt(factory, record));
                Assert.Equal(new[] { "GetKeySuffix", "Load IK", "Load SK" }, store.TakeCalls());
            }
        }

        [Fact]
        public void AStoreIsGivenRecordsInTheCanonicalForm()
        {
            var store = new MapMetastore();
            JObject systemKey = null;
            store.Before = (method, id) => systemKey ??= store.LastStored;
            using SessionFactory factory = Hosted.NewFactory(store);
            Hosted.Encrypt(factory);
            JObject intermediateKey = store.LastStored;
            Assert.Equal(
                "{\"Created\":" + systemKey["Created"] + ",\"Key\":\"" + systemKey["Key"] + "\",\"Revoked\":false}",
                systemKey.ToString(Newtonsoft.Json.Formatting.None));
            Assert.Equal(
                "{\"Created\":" + intermediateKey["Created"] + ",\"Key\":\"" + intermediateKey["Key"] +
                "\",\"ParentKeyMeta\":{\"KeyId\":\"_SK_service_product\",\"Created\":" + systemKey["Created"] +
                "},\"Revoked\":false}",
                intermediateKey.ToString(Newtonsoft.Json.Formatting.None));
            Assert.Equal(JTokenType.Integer, systemKey["Created"].Type);
            Assert.Equal(JTokenType.String, systemKey["Key"].Type);
            Assert.Equal(JTokenType.Boolean, systemKey["Revoked"].Type);
        }

        [Theory]
        [InlineData("as it is")]
        [InlineData("without Revoked")]
        [InlineData("Revoked is null")]
        [InlineData("times in digits")]
        [InlineData("with another member")]
        public void EveryFormOfARecordIsRead(string form)
        {
            var store = new MapMetastore();
            byte[] record;
            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                record = Hosted.Encrypt(factory);
            }

            store.Change(row =>
            {
                switch (form)
                {
                    case "without Revoked":
                        Assert.True(row.Remove("Revoked"));
                        break;
                    case "Revoked is null":
                        row["Revoked"] = null;
                        break;
                    case "times in digits":
                        row["Created"] = (string)row["Created"];
                        break;
                    case "with another member":
                        row["Comment"] = "mine";
                        break;
                }
            });
            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                Assert.Equal("payload", Hosted.Decrypt(factory, record));
            }
        }

        [Fact]
        public void ARevokedKeyIsReplacedAndGoesOnDecrypting()
        {
            var store = new MapMetastore();
            byte[] record;
            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                record = Hosted.Encrypt(factory);
            }

            store.Change(row => row["Revoked"] = true);
            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                Assert.NotEqual(Hosted.KeyCreated(record), Hosted.KeyCreated(Hosted.Encrypt(factory)));
                Assert.Equal("payload", Hosted.Decrypt(factory, record));
            }
        }

        [Theory]
        [InlineData("Created")]
        [InlineData("Key")]
        public void AMissingMemberIsNamed(string member)
        {
            var store = new MapMetastore();
            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                Hosted.Encrypt(factory);
            }

            store.Change(row => row.Remove(member));
            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                var error = Assert.Throws<AppEncryptionException>(() => Hosted.Encrypt(factory));
                Assert.Contains("no " + member, error.Message, StringComparison.Ordinal);
                Assert.IsType<NullReferenceException>(error.InnerException);
            }
        }

        [Fact]
        public void AStoreThatRefusesAndDoesNotFindIsAnError()
        {
            var store = new MapMetastore { RefuseToStore = true };
            using SessionFactory factory = Hosted.NewFactory(store);
            Assert.Throws<AppEncryptionException>(() => Hosted.Encrypt(factory));
        }

        [Fact]
        public void TheSuffixIsTheStores()
        {
            var store = new MapMetastore { Suffix = "us-west-2" };
            using SessionFactory factory = Hosted.NewFactory(store);
            byte[] record = Hosted.Encrypt(factory);
            Assert.Equal(
                "_IK_partition_service_product_us-west-2",
                (string)JObject.Parse(TestSetup.Text(record))["Key"]["ParentKeyMeta"]["KeyId"]);
            Assert.Equal("payload", Hosted.Decrypt(factory, record));
        }

        [Fact]
        public void IdsAreHandedOverVerbatim()
        {
            string partition = "a\0ü€𝄞 \"\\";
            string seen = null;
            var store = new MapMetastore();
            store.Before = (method, id) => seen = method == "Store" ? id : seen;
            using SessionFactory factory = Hosted.NewFactory(store);
            Assert.Equal("payload", Hosted.Decrypt(factory, Hosted.Encrypt(factory, partition), partition));
            Assert.Equal("_IK_" + partition + "_service_product", seen);
        }

        [Fact]
        public async Task CallsRunWhereTheyComeFrom()
        {
            var ambient = new AsyncLocal<string> { Value = "mine" };
            string seen = null;
            int thread = 0;
            var store = new MapMetastore();
            store.Before = (method, id) => (seen, thread) = (ambient.Value, Environment.CurrentManagedThreadId);
            using SessionFactory factory = Hosted.NewFactory(store);
            seen = null;
            Hosted.Encrypt(factory);
            Assert.Equal("mine", seen);
            Assert.Equal(Environment.CurrentManagedThreadId, thread);
            seen = null;
            using Session<byte[], byte[]> session = factory.GetSessionBytes("asynchronous");
            await session.EncryptAsync(new byte[1]);
            Assert.Equal("mine", seen);
        }

        [Fact]
        public void AStoreMayUseTheSessionsItServes()
        {
            var store = new MapMetastore();
            SessionFactory factory = Hosted.NewFactory(store);
            bool inside = false;
            string nested = null;
            store.Before = (method, id) =>
            {
                if (!inside)
                {
                    inside = true;
                    nested = Hosted.Decrypt(factory, Hosted.Encrypt(factory, "other"), "other");
                }
            };
            Assert.Equal("payload", Hosted.Decrypt(factory, Hosted.Encrypt(factory)));
            Assert.Equal("payload", nested);
            factory.Dispose();
            store.Before = null;
            Hosted.ExpectNothingLeft();
        }

        [Fact]
        public void ReferencesEndWithTheLastSession()
        {
            int before = HostReference.Count;
            var store = new MapMetastore();
            SessionFactory factory = Hosted.NewFactory(store, new MovablePolicy());
            Assert.Equal(before + 2, HostReference.Count);
            Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            factory.Dispose();
            Assert.Equal(before + 2, HostReference.Count);
            session.Encrypt(new byte[1]);
            session.Dispose();
            Assert.Equal(before, HostReference.Count);
        }
    }
}
