using System;
using System.Collections.Generic;
using System.Linq;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Envelope;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;
using GoDaddy.Asherah.SecureMemory;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace GoDaddy.Asherah.Crypto.Tests
{
    /// <summary>Classes that users derive: their ciphers are used, and what passes through them is wiped.</summary>
    public sealed class DerivedCryptoTests
    {
        private static readonly byte[] Plain = TestSetup.Pattern(50);

        [Fact]
        public void ACipherOfTheUserIsUsed()
        {
            foreach (BouncyAeadCrypto crypto in new BouncyAeadCrypto[] { new ToyCrypto(), new OtherCipherCrypto() })
            {
                using (crypto)
                using (CryptoKey key = crypto.GenerateKey())
                {
                    byte[] encrypted = crypto.Encrypt(Plain, key);
                    byte[] expected = key.WithKey(k => Plain.Select((b, i) => (byte)(b + k[i % k.Length])).ToArray());
                    Assert.Equal(expected, encrypted.Take(50).ToArray());
                    Assert.Equal(50 + ToyCipher.MacSize + 12, encrypted.Length);
                    Assert.Equal(Plain, crypto.Decrypt(encrypted, key));
                    EnvelopeEncryptResult<string> result = crypto.EnvelopeEncrypt(Plain, key, "state");
                    Assert.Equal("state", result.UserState);
                    Assert.Equal(
                        Plain,
                        crypto.EnvelopeDecrypt(result.CipherText, result.EncryptedKey, DateTimeOffset.UtcNow, key));
                }
            }
        }

        [Fact]
        public void WhatIsNotAuthenticIsWiped()
        {
            using var crypto = new ToyCrypto();
            using CryptoKey key = crypto.GenerateKey();
            byte[] encrypted = crypto.Encrypt(Plain, key);
            encrypted[51] ^= 1;
            var e = Assert.Throws<AppEncryptionException>(() => crypto.Decrypt(encrypted, key));
            Assert.IsType<InvalidCipherTextException>(e.InnerException);
            Assert.Equal(50, ToyCipher.LastOutput.Length);
            Assert.All(ToyCipher.LastOutput, b => Assert.Equal(0, b));
            Assert.Throws<AppEncryptionException>(() => crypto.Decrypt(new byte[15], key));
        }

        [Fact]
        public void ADerivedClassThatKeepsTheCipherKeepsItAll()
        {
            using var crypto = new WatchedCrypto();
            using var other = new BouncyAes256GcmCrypto();
            using CryptoKey key = crypto.GenerateKey();
            Assert.Equal(Plain, other.Decrypt(crypto.Encrypt(Plain, key), key));
            Assert.Equal(Plain, crypto.Decrypt(other.Encrypt(Plain, key), key));
        }

        [Fact]
        public void ArraysWithKeysAreWiped()
        {
            using var crypto = new WatchedCrypto();
            using CryptoKey key = crypto.GenerateKey();
            using CryptoKey keyEncryptionKey = crypto.GenerateKey(DateTimeOffset.UnixEpoch);
            using CryptoKey decrypted = crypto.DecryptKey(
                crypto.EncryptKey(key, keyEncryptionKey), DateTimeOffset.UnixEpoch, keyEncryptionKey, true);
            Assert.True(decrypted.IsRevoked());
            Assert.Equal(DateTimeOffset.UnixEpoch, decrypted.GetCreated());
            Assert.Equal(key.WithKey(Convert.ToHexString), decrypted.WithKey(Convert.ToHexString));
            Assert.Equal(3, crypto.Sources.Count);
            Assert.All(crypto.Sources, bytes => Assert.Equal(new byte[32], bytes));
            byte[] seen = null;
            key.WithKey(bytes =>
            {
                seen = bytes;
                Assert.NotEqual(new byte[32], bytes);
            });
            Assert.Equal(new byte[32], seen);
        }

        [Fact]
        public void WhatAFactoryOfTheUserLeavesIsWiped()
        {
            byte[] source = TestSetup.Pattern(32);
            using var crypto = new WatchedCrypto { Factory = new FailingFactory() };
            Assert.Throws<TimeZoneNotFoundException>(() => crypto.GenerateKeyFromBytes(source));
            var factory = (FailingFactory)crypto.Factory;
            Assert.NotSame(source, factory.Given);
            Assert.Equal(new byte[32], factory.Given);
            Assert.Equal(TestSetup.Pattern(32), source);
        }

        [Fact]
        public void KeysOfPayloadsAreFreed()
        {
            using var crypto = new WatchedCrypto();
            using CryptoKey key = crypto.GenerateKey();
            long before = TestSetup.LiveSecrets();
            EnvelopeEncryptResult<object> result = crypto.EnvelopeEncrypt<object>(Plain, key);
            Assert.Null(result.UserState);
            Assert.Equal(
                Plain, crypto.EnvelopeDecrypt(result.CipherText, result.EncryptedKey, DateTimeOffset.UtcNow, key));
            result.CipherText[0] ^= 1;
            Assert.Throws<AppEncryptionException>(
                () => crypto.EnvelopeDecrypt(result.CipherText, result.EncryptedKey, DateTimeOffset.UtcNow, key));
            result.EncryptedKey[0] ^= 1;
            Assert.Throws<AppEncryptionException>(
                () => crypto.EnvelopeDecrypt(result.CipherText, result.EncryptedKey, DateTimeOffset.UtcNow, key));
            Assert.Equal(before, TestSetup.LiveSecrets());
        }

        [Fact]
        public void KeySizesAreWholeBytes()
        {
            using var crypto = new OddCrypto();
            Assert.Throws<ArgumentException>(crypto.GenerateKey);
        }

        [Fact]
        public void NullIsRefusedAndDisposeIsDoneOnce()
        {
            var crypto = new BouncyAes256GcmCrypto();
            CryptoKey key = crypto.GenerateKey();
            Assert.Throws<ArgumentNullException>("input", () => crypto.Encrypt(null, key));
            Assert.Throws<ArgumentNullException>("input", () => crypto.Decrypt(null, key));
            Assert.Throws<ArgumentNullException>("key", () => crypto.Encrypt(Plain, null));
            Assert.Throws<ArgumentNullException>("key", () => crypto.Decrypt(Plain, null));
            Assert.Throws<ArgumentNullException>("sourceBytes", () => crypto.GenerateKeyFromBytes(null));
            crypto.Dispose();
            crypto.Dispose();
            Assert.Equal(Plain, crypto.Decrypt(crypto.Encrypt(Plain, key), key));
            key.Dispose();
            key.Dispose();
            Assert.Throws<InvalidOperationException>(() => crypto.Encrypt(Plain, key));
        }

        private class ToyCrypto : BouncyAeadCrypto
        {
            protected internal override int GetKeySizeBits()
            {
                return 128;
            }

            protected override int GetNonceSizeBits()
            {
                return 96;
            }

            protected override int GetMacSizeBits()
            {
                return ToyCipher.MacSize * 8;
            }

            protected override IAeadBlockCipher GetNewAeadBlockCipherInstance()
            {
                return new ToyCipher();
            }

            protected override AeadParameters GetParameters(CryptoKey key, byte[] nonce)
            {
                return key.WithKey(bytes => new AeadParameters(new KeyParameter(bytes), GetMacSizeBits(), nonce));
            }
        }

        private sealed class OtherCipherCrypto : BouncyAes256GcmCrypto
        {
            protected override IAeadBlockCipher GetNewAeadBlockCipherInstance()
            {
                return new ToyCipher();
            }

            protected override int GetMacSizeBits()
            {
                return ToyCipher.MacSize * 8;
            }
        }

        private sealed class OddCrypto : ToyCrypto
        {
            protected internal override int GetKeySizeBits()
            {
                return 100;
            }
        }

        private sealed class WatchedCrypto : BouncyAes256GcmCrypto
        {
            internal List<byte[]> Sources { get; } = new List<byte[]>();

            internal ISecretFactory Factory { get; set; }

            public override CryptoKey GenerateKeyFromBytes(byte[] sourceBytes, DateTimeOffset created, bool revoked)
            {
                Assert.NotEqual(new byte[sourceBytes.Length], sourceBytes);
                Sources.Add(sourceBytes);
                return base.GenerateKeyFromBytes(sourceBytes, created, revoked);
            }

            protected internal override ISecretFactory GetSecretFactory()
            {
                return Factory ?? base.GetSecretFactory();
            }
        }

        private sealed class FailingFactory : ISecretFactory
        {
            internal byte[] Given { get; private set; }

            public Secret CreateSecret(byte[] secretData)
            {
                Given = secretData;
                throw new TimeZoneNotFoundException();
            }

            public Secret CreateSecret(char[] secretData)
            {
                throw new NotSupportedException();
            }

            public void Dispose()
            {
            }
        }
    }
}
