using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>What all key management services on AWS KMS have in common, against the stand-in.</summary>
    [Collection(AwsCollection.Name)]
    public sealed class AwsKmsTests : IDisposable
    {
        private const string Account = "111122223333";

        private readonly AwsServer server;
        private readonly TestEnvironment environment;

        public AwsKmsTests(AwsServer server)
        {
            this.server = server;
            environment = TestEnvironment.Of(server);
            server.Reset();
        }

        public static TheoryData<string> Kinds => Services.All;

        public static TheoryData<string, string> Pairs
        {
            get
            {
                var pairs = new TheoryData<string, string>();
                foreach (string writer in Services.Kinds)
                {
                    foreach (string reader in Services.Kinds)
                    {
                        pairs.Add(writer, reader);
                    }
                }

                return pairs;
            }
        }

        public void Dispose()
        {
            environment.Dispose();
        }

        [Theory]
        [MemberData(nameof(Pairs))]
        public void EachReadsWhatEachWrites(string writer, string reader)
        {
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            byte[] wrapped = New(writer).EncryptKey(key);
            SystemKeys.MustBe(bytes, New(reader).DecryptKey(wrapped, SystemKeys.Created, true), true);
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public async Task AsynchronousFormsDoTheSame(string kind)
        {
            IKeyManagementService kms = New(kind);
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            byte[] wrapped = await kms.EncryptKeyAsync(key);
            SystemKeys.MustBe(bytes, await kms.DecryptKeyAsync(wrapped, SystemKeys.Created, false));
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public void RegionsAreAskedInTheirOrder(string kind)
        {
            IKeyManagementService kms = New(kind);
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            byte[] wrapped = kms.EncryptKey(key);
            List<(string Region, string Operation, string Key, string Body)> calls = server.Calls();
            Assert.Equal((AwsServer.West, "GenerateDataKey"), (calls[0].Region, calls[0].Operation));
            Assert.Equal(
                new[] { AwsServer.Europe + " Encrypt", AwsServer.East + " Encrypt" },
                calls.Skip(1).Select(c => c.Region + " " + c.Operation).OrderBy(c => c, StringComparer.Ordinal));
            Assert.All(calls, c => Assert.Equal(server.Keys[c.Region], c.Key));
            Assert.Equal("AES_256", (string)JObject.Parse(calls[0].Body)["KeySpec"]);

            kms.DecryptKey(wrapped, SystemKeys.Created, false).Dispose();
            Assert.Equal(AwsServer.West + " Decrypt", server.Asked());
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public void TheFormIsTheCanonicalOne(string kind)
        {
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            string text = TestSetup.Text(New(kind).EncryptKey(key));
            const string Base64 = "[A-Za-z0-9+/]+={0,2}";
            Assert.Matches(
                new Regex("^{\"encryptedKey\":\"[A-Za-z0-9+/]{80}\",\"kmsKeks\":\\[({\"region\":\"[a-z0-9-]+\"," +
                    "\"arn\":\"[a-z0-9:/-]+\",\"encryptedKek\":\"" + Base64 + "\"},?){3}\\]}$"),
                text);
            JToken keks = JObject.Parse(text)["kmsKeks"];
            Assert.Equal(AwsServer.West, (string)keks[0]["region"]);
            Assert.All(keks, kek => Assert.Equal(server.Keys[(string)kek["region"]], (string)kek["arn"]));
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public void AnotherRegionMakesTheDataKey(string kind)
        {
            server.Fail(AwsServer.West, "GenerateDataKey", "denied");
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            byte[] wrapped = New(kind).EncryptKey(key);
            Assert.Equal(3, JObject.Parse(TestSetup.Text(wrapped))["kmsKeks"].Count());
            Assert.Contains(AwsServer.East + " GenerateDataKey", server.Asked(), StringComparison.Ordinal);
            SystemKeys.MustBe(bytes, New(kind).DecryptKey(wrapped, SystemKeys.Created, false));
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public void ARegionThatCannotWrapIsLeftOutOrFailsAll(string kind)
        {
            server.Fail(AwsServer.East, "Encrypt", "denied");
            IKeyManagementService kms = New(kind);
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            if (IsLegacy(kind))
            {
                Assert.Equal(
                    new[] { AwsServer.West, AwsServer.Europe },
                    JObject.Parse(TestSetup.Text(kms.EncryptKey(key)))["kmsKeks"].Select(k => (string)k["region"]));
                return;
            }

            var e = Assert.Throws<KmsException>(() => kms.EncryptKey(key));
            Assert.Equal("unexpected execution error during encrypt", e.Message);
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public void AnotherRegionOpens(string kind)
        {
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            byte[] wrapped = New(kind).EncryptKey(key);
            foreach (string fault in new[] { "denied", "wrong", "short" })
            {
                server.Fail(AwsServer.West, "Decrypt", fault);
                server.Calls();
                SystemKeys.MustBe(bytes, New(kind).DecryptKey(wrapped, SystemKeys.Created, false));
                Assert.Equal(AwsServer.West + " Decrypt, " + AwsServer.East + " Decrypt", server.Asked());
            }
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public async Task WhereAllFailTheWordsAreTheCanonicalOnes(string kind)
        {
            IKeyManagementService kms = New(kind);
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            byte[] wrapped = kms.EncryptKey(key);
            foreach (string region in server.Keys.Keys)
            {
                server.Fail(region, string.Empty, "denied");
            }

            string first = IsLegacy(kind) ? "c" : "C";
            var encrypting = Assert.Throws<KmsException>(() => kms.EncryptKey(key));
            Assert.Equal(first + "ould not successfully generate data key using any regions", encrypting.Message);
            var decrypting = Assert.Throws<KmsException>(() => kms.DecryptKey(wrapped, SystemKeys.Created, false));
            Assert.Equal(first + "ould not successfully decrypt key using any regions", decrypting.Message);
            foreach (Exception e in new[] { encrypting, decrypting })
            {
                Assert.Contains(AwsServer.West, e.InnerException.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(Account, e.ToString(), StringComparison.Ordinal);
            }

            Task<byte[]> faulted = kms.EncryptKeyAsync(key);
            await Assert.ThrowsAsync<KmsException>(() => faulted);
            Task<CryptoKey> other = kms.DecryptKeyAsync(wrapped, SystemKeys.Created, false);
            await Assert.ThrowsAsync<KmsException>(() => other);
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public void RegionsThatAreNotConfiguredAreNotAsked(string kind)
        {
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            byte[] wrapped = Services.New(kind, server, AwsServer.West).EncryptKey(key);
            server.Calls();
            IKeyManagementService other = Services.New(kind, server, AwsServer.East, AwsServer.Europe);
            Assert.Throws<KmsException>(() => other.DecryptKey(wrapped, SystemKeys.Created, false));
            Assert.Empty(server.Calls());
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public void WhatAnotherKeyWrappedIsOpenedBehindTheSwitchOnly(string kind)
        {
            string old = server.NewKey(AwsServer.West, Guid.NewGuid().ToString());
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            var before = new Dictionary<string, string> { [AwsServer.West] = old };
            byte[] wrapped = Services.New(kind, server, before, new KeptLines()).EncryptKey(key);
            Assert.Throws<KmsException>(() => New(kind).DecryptKey(wrapped, SystemKeys.Created, false));
            AppContext.SetSwitch("GoDaddy.Asherah.KmsAnyKey", true);
            try
            {
                SystemKeys.MustBe(bytes, New(kind).DecryptKey(wrapped, SystemKeys.Created, false));
            }
            finally
            {
                AppContext.SetSwitch("GoDaddy.Asherah.KmsAnyKey", false);
            }
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public async Task MisuseIsRefused(string kind)
        {
            IKeyManagementService kms = New(kind);
            var e = Assert.ThrowsAny<AppEncryptionException>(() => kms.EncryptKey(null));
            Assert.Equal(IsLegacy(kind) ? typeof(AppEncryptionException) : typeof(KmsException), e.GetType());
            Task<byte[]> faulted = kms.EncryptKeyAsync(null);
            await Assert.ThrowsAnyAsync<AppEncryptionException>(() => faulted);
            Assert.Throws<ArgumentNullException>(() => kms.DecryptKey(null, SystemKeys.Created, false));
            Task<CryptoKey> other = kms.DecryptKeyAsync(null, SystemKeys.Created, false);
            await Assert.ThrowsAsync<ArgumentNullException>(() => other);
            foreach (string text in new[]
            {
                string.Empty, "x", "[]", "{}", "{\"encryptedKey\":\"AAAA\",\"kmsKeks\":[]}",
                "{\"encryptedKey\":1,\"kmsKeks\":[]}", "{\"encryptedKey\":\"AAAA\"} x",
            })
            {
                Assert.Throws<KmsException>(
                    () => kms.DecryptKey(TestSetup.Bytes(text), SystemKeys.Created, false));
            }

            Assert.Empty(server.Calls());
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public void FactoriesShareRecords(string kind)
        {
            using var directory = new TempDirectory();
            string database = directory.File("keys.db");
            byte[] record;
            using (SessionFactory factory = NewFactory(kind, database))
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                record = session.Encrypt(TestSetup.Bytes("x"));
            }

            foreach (string reader in Services.Kinds)
            {
                using SessionFactory factory = NewFactory(reader, database);
                using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
                Assert.Equal(TestSetup.Bytes("x"), session.Decrypt(record));
            }
        }

        private static bool IsLegacy(string kind)
        {
            return kind == Services.LegacyNative || kind == Services.LegacyClients;
        }

        private IKeyManagementService New(string kind)
        {
            return Services.New(kind, server, AwsServer.West, AwsServer.East, AwsServer.Europe);
        }

        private SessionFactory NewFactory(string kind, string database)
        {
            return SessionFactory.NewBuilder("product", "service")
                .WithNativeConfiguration(TestSetup.Sqlite(database))
                .WithNeverExpiredCryptoPolicy()
                .WithKeyManagementService(New(kind))
                .Build();
        }
    }
}
