using System;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>The static key, on either engine.</summary>
    public sealed class StaticKmsTests
    {
        public static TheoryData<string> Engines => new TheoryData<string> { "native", "managed" };

        [Theory]
        [MemberData(nameof(Engines))]
        public void KeysComeBack(string engine)
        {
            using var chosen = new TestEnvironment().With("ASHERAH_ENGINE", engine);
            using var kms = new StaticKeyManagementServiceImpl(TestSetup.Key);
            Assert.Equal(engine == "native", ((INativeKms)kms).NativeHandle != null);
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            byte[] wrapped = kms.EncryptKey(key);
            SystemKeys.MustBe(bytes, kms.DecryptKey(wrapped, SystemKeys.Created, true), true);
            Assert.NotEqual(wrapped, kms.EncryptKey(key));
            Assert.Equal(7, kms.WithDecryptedKey(
                wrapped,
                SystemKeys.Created,
                false,
                (k, created) =>
                {
                    Assert.Equal(SystemKeys.Created, created);
                    k.WithKey(b => Assert.Equal(bytes, b));
                    return 7;
                }));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AnyoneWithTheKeyReadsTheForm(string engine)
        {
            using var chosen = new TestEnvironment().With("ASHERAH_ENGINE", engine);
            using var kms = new StaticKeyManagementServiceImpl(TestSetup.Key);
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            byte[] wrapped = kms.EncryptKey(key);
            Assert.Equal(32 + 16 + 12, wrapped.Length);

            using var aes = new AesGcm(TestSetup.Bytes(TestSetup.Key), 16);
            var opened = new byte[32];
            aes.Decrypt(wrapped.AsSpan(48), wrapped.AsSpan(0, 32), wrapped.AsSpan(32, 16), opened);
            Assert.Equal(bytes, opened);
        }

        [Fact]
        public void TheEnginesReadEachOther()
        {
            StaticKeyManagementServiceImpl[] both = new[] { "native", "managed" }.Select(engine =>
            {
                using var chosen = new TestEnvironment().With("ASHERAH_ENGINE", engine);
                return new StaticKeyManagementServiceImpl(TestSetup.Key);
            }).ToArray();
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            for (int i = 0; i < 2; i++)
            {
                SystemKeys.MustBe(bytes, both[1 - i].DecryptKey(both[i].EncryptKey(key), SystemKeys.Created, false));
            }

            both[0].Dispose();
            both[1].Dispose();
        }

        [Theory]
        [InlineData("")]
        [InlineData("0123456789abcdef")]
        [InlineData("0123456789abcdef0123456789abcde")]
        [InlineData("0123456789abcdef0123456789abcdef0")]
        [InlineData("ä123456789abcdef0123456789abcdef")]
        [InlineData("0123456789abcdef0123456789abcd\ud800")]
        public void OtherLengthsAreRefused(string key)
        {
            var e = Assert.Throws<ArgumentException>(() => new StaticKeyManagementServiceImpl(key));
            Assert.Equal("key", e.ParamName);
            Assert.DoesNotContain(key.Length == 0 ? "\0" : key, e.ToString(), StringComparison.Ordinal);
        }

        [Fact]
        public void SizesAreThoseOfUtf8()
        {
            new StaticKeyManagementServiceImpl("ä123456789abcdef0123456789abcde").Dispose();
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public async Task MisuseIsRefused(string engine)
        {
            using var chosen = new TestEnvironment().With("ASHERAH_ENGINE", engine);
            Assert.Equal(
                "key", Assert.Throws<ArgumentNullException>(() => new StaticKeyManagementServiceImpl(null)).ParamName);
            var kms = new StaticKeyManagementServiceImpl(TestSetup.Key);
            Assert.Throws<ArgumentNullException>(() => kms.EncryptKey(null));
            Assert.Throws<ArgumentNullException>(() => kms.DecryptKey(null, SystemKeys.Created, false));
            Task<byte[]> faulted = kms.EncryptKeyAsync(null);
            await Assert.ThrowsAsync<ArgumentNullException>(() => faulted);
            Task<CryptoKey> other = kms.DecryptKeyAsync(null, SystemKeys.Created, false);
            await Assert.ThrowsAsync<ArgumentNullException>(() => other);

            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            byte[] wrapped = kms.EncryptKey(key);
            kms.Dispose();
            kms.Dispose();
            Assert.Throws<ObjectDisposedException>(() => kms.EncryptKey(key));
            Assert.Throws<ObjectDisposedException>(() => kms.DecryptKey(wrapped, SystemKeys.Created, false));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void DamageIsNoticed(string engine)
        {
            using var chosen = new TestEnvironment().With("ASHERAH_ENGINE", engine);
            using var kms = new StaticKeyManagementServiceImpl(TestSetup.Key);
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            byte[] wrapped = kms.EncryptKey(key);
            for (int i = 0; i < wrapped.Length; i += 7)
            {
                byte[] damaged = (byte[])wrapped.Clone();
                damaged[i] ^= 1;
                Assert.ThrowsAny<AppEncryptionException>(() => kms.DecryptKey(damaged, SystemKeys.Created, false));
            }

            foreach (int length in new[] { 0, 1, 27, 28, 59 })
            {
                byte[] cut = wrapped.AsSpan(0, length).ToArray();
                Assert.ThrowsAny<Exception>(() => kms.DecryptKey(cut, SystemKeys.Created, false));
            }

            using var other = new StaticKeyManagementServiceImpl(new string('x', 32));
            Assert.ThrowsAny<AppEncryptionException>(() => other.DecryptKey(wrapped, SystemKeys.Created, false));
        }

        [Fact]
        public void WhatIsDerivedIsAskedThroughItsMembers()
        {
            using var kms = new Counting();
            Assert.Null(((INativeKms)kms).NativeHandle);
            using (SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithNeverExpiredCryptoPolicy()
                .WithKeyManagementService(kms)
                .Build())
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                Assert.Equal(TestSetup.Bytes("x"), session.Decrypt(session.Encrypt(TestSetup.Bytes("x"))));
            }

            Assert.Equal(1, kms.Encrypted);
        }

        [Fact]
        public void FactoriesOutliveTheService()
        {
            SessionFactory factory;
            using (var kms = new StaticKeyManagementServiceImpl(TestSetup.Key))
            {
                factory = SessionFactory.NewBuilder("product", "service")
                    .WithInMemoryMetastore()
                    .WithNeverExpiredCryptoPolicy()
                    .WithKeyManagementService(kms)
                    .Build();
            }

            using (factory)
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                Assert.Equal(TestSetup.Bytes("x"), session.Decrypt(session.Encrypt(TestSetup.Bytes("x"))));
            }
        }

        [Fact]
        public void NothingIsLeftAfterDispose()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            long before = Statistics.LiveSecrets();
            var kms = new StaticKeyManagementServiceImpl(TestSetup.Key);
            CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            CryptoKey back = kms.DecryptKey(kms.EncryptKey(key), SystemKeys.Created, false);
            Assert.True(Statistics.LiveSecrets() > before);
            back.Dispose();
            key.Dispose();
            kms.Dispose();
            Wait.Until(() => Statistics.LiveSecrets() <= before, "secrets are left: " + Statistics.Read());
        }

        private sealed class Counting : StaticKeyManagementServiceImpl
        {
            internal Counting()
                : base(TestSetup.Key)
            {
            }

            internal int Encrypted { get; private set; }

            public override byte[] EncryptKey(CryptoKey key)
            {
                Encrypted++;
                return base.EncryptKey(key);
            }
        }
    }
}
