using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.AppEncryption.Tests.Callbacks
{
    public sealed class KmsCallTests
    {
        [Fact]
        public void AKmsOfTheApplicationWrapsAndUnwraps()
        {
            using var kms = new WatchedKms();
            var store = new MapMetastore();
            byte[] record;
            using (SessionFactory factory = NewFactory(store, kms))
            {
                record = Hosted.Encrypt(factory);
                Assert.Equal((1, 0), (kms.Encryptions, kms.Decryptions));
                Assert.Equal(32, kms.KeySize);
                Assert.False(kms.Revoked);
            }

            Assert.ThrowsAny<InvalidOperationException>(() => kms.LastKey.WithKey(key => { }));
            store.Change(row => row["Revoked"] = true);
            using (SessionFactory factory = NewFactory(store, kms))
            {
                Assert.Equal("payload", Hosted.Decrypt(factory, record));
                Assert.Equal((1, 1), (kms.Encryptions, kms.Decryptions));
                Assert.True(kms.Revoked);
                Assert.Equal(0, kms.Created.Second);
            }

            Assert.ThrowsAny<InvalidOperationException>(() => kms.LastKey.WithKey(key => { }));
            kms.Dispose();
            Hosted.ExpectNothingLeft();
        }

        [Fact]
        public void WhatEncryptKeyThrowsIsWrappedAsInCanonicalAsherah()
        {
            var thrown = new TimeoutException("mine");
            using var kms = new WatchedKms { Fault = thrown };
            using SessionFactory factory = NewFactory(new MapMetastore(), kms);
            var error = Assert.Throws<AppEncryptionException>(() => Hosted.Encrypt(factory));
            Assert.Equal("Unable to store new Intermediate Key", error.Message);
            error = Assert.IsType<AppEncryptionException>(error.InnerException);
            Assert.Equal("Unable to store new System Key", error.Message);
            Assert.Same(thrown, error.InnerException);
        }

        [Fact]
        public void WhatDecryptKeyThrowsComesBackAsItself()
        {
            using var kms = new WatchedKms();
            var store = new MapMetastore();
            byte[] record;
            using (SessionFactory factory = NewFactory(store, kms))
            {
                record = Hosted.Encrypt(factory);
            }

            using (SessionFactory factory = NewFactory(store, kms))
            {
                kms.Fault = new TimeoutException("mine");
                Assert.Same(kms.Fault, Assert.Throws<TimeoutException>(() => Hosted.Decrypt(factory, record)));
                Assert.Same(kms.Fault, Assert.Throws<TimeoutException>(() => Hosted.Encrypt(factory)));
                kms.Fault = null;
                Assert.Equal("payload", Hosted.Decrypt(factory, record));
            }
        }

        private static SessionFactory NewFactory(MapMetastore store, IKeyManagementService kms)
        {
            return SessionFactory.NewBuilder("product", "service")
                .WithMetastore(store)
                .WithCryptoPolicy(new NeverExpiredCryptoPolicy())
                .WithKeyManagementService(kms)
                .Build();
        }

        /// <summary>A service that works, as an application may write it around another one.</summary>
        private sealed class WatchedKms : IKeyManagementService, IDisposable
        {
            private readonly StaticKeyManagementServiceImpl inner = new StaticKeyManagementServiceImpl(TestSetup.Key);

            internal int Encryptions { get; private set; }

            internal int Decryptions { get; private set; }

            internal int KeySize { get; private set; }

            internal bool Revoked { get; private set; }

            internal DateTimeOffset Created { get; private set; }

            internal CryptoKey LastKey { get; private set; }

            internal Exception Fault { get; set; }

            public byte[] EncryptKey(CryptoKey key)
            {
                ThrowFault();
                Encryptions++;
                LastKey = key;
                (Created, Revoked) = (key.GetCreated(), key.IsRevoked());
                KeySize = key.WithKey(bytes => bytes.Length);
                return inner.EncryptKey(key);
            }

            public CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
            {
                ThrowFault();
                Decryptions++;
                (Created, Revoked) = (keyCreated, revoked);
                return LastKey = inner.DecryptKey(keyCipherText, keyCreated, revoked);
            }

            public Task<byte[]> EncryptKeyAsync(CryptoKey key)
            {
                throw new InvalidOperationException("Only the synchronous methods are called.");
            }

            public Task<CryptoKey> DecryptKeyAsync(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
            {
                throw new InvalidOperationException("Only the synchronous methods are called.");
            }

            public void Dispose()
            {
                inner.Dispose();
            }

            private void ThrowFault()
            {
                if (Fault != null)
                {
                    throw Fault;
                }
            }
        }
    }
}
