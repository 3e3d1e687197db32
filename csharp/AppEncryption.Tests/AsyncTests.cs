using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    public sealed class AsyncTests
    {
        [Fact]
        public async Task ColdCallsComplete()
        {
            using SessionFactory factory = TestSetup.NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = await session.EncryptAsync(TestSetup.Bytes("text"));
            Assert.Equal("text", TestSetup.Text(await session.DecryptAsync(record)));
        }

        [Fact]
        public async Task WarmCallsAreCompleteOnReturn()
        {
            using SessionFactory factory = TestSetup.NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = session.Encrypt(TestSetup.Bytes("text"));
            session.Decrypt(record);
            for (int i = 0; i < 100; i++)
            {
                Task<byte[]> encrypt = session.EncryptAsync(TestSetup.Bytes("text"));
                Assert.True(encrypt.IsCompletedSuccessfully);
                Task<byte[]> decrypt = session.DecryptAsync(await encrypt);
                Assert.True(decrypt.IsCompletedSuccessfully);
                Assert.Equal("text", TestSetup.Text(await decrypt));
            }
        }

        [Fact]
        public async Task WithoutKeyCachesEveryCallAsksAndCompletes()
        {
            using SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithCryptoPolicy(BasicExpiringCryptoPolicy.NewBuilder()
                    .WithKeyExpirationDays(1)
                    .WithRevokeCheckMinutes(1)
                    .WithCanCacheSystemKeys(false)
                    .WithCanCacheIntermediateKeys(false)
                    .Build())
                .WithStaticKeyManagementService(TestSetup.Key)
                .Build();
            using Session<JObject, byte[]> session = factory.GetSessionJson("partition");
            for (int i = 0; i < 20; i++)
            {
                byte[] record = await session.EncryptAsync(new JObject { ["i"] = i });
                Assert.Equal(i, (int)(await session.DecryptAsync(record))["i"]);
            }
        }

        [Fact]
        public async Task JsonSessionsToo()
        {
            using SessionFactory factory = TestSetup.NewFactory();
            using Session<JObject, JObject> session = factory.GetSessionJsonAsJson("partition");
            JObject record = await session.EncryptAsync(new JObject { ["a"] = "b" });
            Assert.Equal("b", (string)(await session.DecryptAsync(record))["a"]);
            using Session<byte[], JObject> bytes = factory.GetSessionBytesAsJson("partition");
            Assert.Equal("{\"a\":\"b\"}", TestSetup.Text(await bytes.DecryptAsync(record)));
        }

        [Fact]
        public async Task FailuresAreInTheTask()
        {
            using SessionFactory factory = TestSetup.NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            using Session<byte[], byte[]> stranger = factory.GetSessionBytes("stranger");
            byte[] record = session.Encrypt(TestSetup.Bytes("text"));
            Task<byte[]> foreign = stranger.DecryptAsync(record);
            await Assert.ThrowsAsync<MetadataMissingException>(() => foreign);
            TestSetup.Alter(record);
            Task<byte[]> altered = session.DecryptAsync(record);
            await Assert.ThrowsAnyAsync<AppEncryptionException>(() => altered);
            Task<byte[]> empty = session.DecryptAsync(Array.Empty<byte>());
            await Assert.ThrowsAsync<Newtonsoft.Json.JsonReaderException>(() => empty);
        }

        [Fact]
        public async Task ManyAtOnce()
        {
            using var directory = new TempDirectory();
            using SessionFactory factory = TestSetup.NewSqliteFactory(directory.File("keys.db"));
            var tasks = new Task[500];
            for (int i = 0; i < tasks.Length; i++)
            {
                tasks[i] = RoundTrip(factory, "partition" + (i % 50), TestSetup.Pattern(i));
            }

            await Task.WhenAll(tasks);
        }

        [Fact]
        public async Task DisposeWhileACallIsUnderWayFailsItOrLetsItFinish()
        {
            using var directory = new TempDirectory();
            using SessionFactory factory = TestSetup.NewSqliteFactory(directory.File("keys.db"));
            for (int i = 0; i < 50; i++)
            {
                Session<byte[], byte[]> session = factory.GetSessionBytes("partition" + i);
                Task<byte[]> cold = session.EncryptAsync(TestSetup.Bytes("text"));
                session.Dispose();
                try
                {
                    byte[] record = await cold;
                    using Session<byte[], byte[]> reader = factory.GetSessionBytes("partition" + i);
                    Assert.Equal("text", TestSetup.Text(reader.Decrypt(record)));
                }
                catch (ObjectDisposedException)
                {
                }
            }
        }

        private static async Task RoundTrip(SessionFactory factory, string partition, byte[] payload)
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes(partition);
            Assert.Equal(payload, await session.DecryptAsync(await session.EncryptAsync(payload)));
        }
    }
}
