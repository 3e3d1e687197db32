using System;
using System.Text;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.BufferUtils;
using GoDaddy.Asherah.Crypto.CipherSuites;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Envelope;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>Ciphers, keys, and the cache of keys.</summary>
    internal static class Ciphers
    {
        internal static void Run()
        {
            Expect.Same(0, (int)AeadCipherSuite.Aes256Gcm);
            DateTimeOffset created = DateTimeOffset.FromUnixTimeSeconds(1_600_000_000);
            using var crypto = new BouncyAes256GcmCrypto();
            using CryptoKey key = crypto.GenerateKey(created);
            byte[] text = crypto.Encrypt(Sessions.Payload, key);
            Expect.Same(Sessions.Payload.Length + 28, text.Length);
            Expect.True(crypto.Decrypt(text, key).AsSpan().SequenceEqual(Sessions.Payload));
            text[0] ^= 1;
            Expect.Throws<AppEncryptionException>(() => crypto.Decrypt(text, key));

            EnvelopeEncryptResult<string> result = crypto.EnvelopeEncrypt(Sessions.Payload, key, "state");
            Expect.Same("state", result.UserState);
            byte[] opened = crypto.EnvelopeDecrypt(result.CipherText, result.EncryptedKey, created, key);
            Expect.True(opened.AsSpan().SequenceEqual(Sessions.Payload));
            using CryptoKey inner = crypto.GenerateKeyFromBytes(
                Encoding.ASCII.GetBytes(Sessions.Key), created, true);
            Expect.True(inner.IsRevoked());
            Expect.Same(created, inner.GetCreated());
            using CryptoKey again = crypto.DecryptKey(crypto.EncryptKey(inner, key), created, key, false);
            Expect.Same(Sessions.Key, again.WithKey(bytes => Encoding.ASCII.GetString(bytes)));
            using var copy = new SecretCryptoKey(again);
            Expect.Same(Sessions.Key, copy.WithKey(bytes => Encoding.ASCII.GetString(bytes)));
            copy.MarkRevoked();
            Expect.True(copy.IsRevoked() && !again.IsRevoked());

            using (var cache = new SecureCryptoKeyDictionary<string>(60_000))
            {
                CryptoKey usable = cache.PutAndGetUsable("id", crypto.GenerateKey(created));
                Expect.True(usable is SharedCryptoKey);
                Expect.Same(created, cache.Get("id").GetCreated());
                Expect.Same(created, cache.GetLast().GetCreated());
                Expect.True(cache.Get("none") == null);
            }

            Expect.Same(12, new NonceGenerator().CreateNonce(96).Length);
            byte[] sensitive = { 1, 2 };
            ManagedBufferUtils.WipeByteArray(sensitive);
            Expect.Same(0, sensitive[0] + sensitive[1]);
            Expect.Same("m", new CipherNotSupportedException("m", new Exception()).Message);
            Expect.True(new XorCipher().Reaches());
        }

        /// <summary>A cipher from scratch, with the protected members of the base class at work.</summary>
        private sealed class XorCipher : AeadEnvelopeCrypto
        {
            public override byte[] Encrypt(byte[] input, CryptoKey key)
            {
                byte[] nonce = GenerateNonce();
                var text = new byte[input.Length + nonce.Length];
                key.WithKey(bytes =>
                {
                    for (int i = 0; i < input.Length; i++)
                    {
                        text[i] = (byte)(input[i] ^ bytes[i % bytes.Length] ^ nonce[i % nonce.Length]);
                    }
                });
                AppendNonce(text, nonce);
                return text;
            }

            public override byte[] Decrypt(byte[] input, CryptoKey key)
            {
                byte[] nonce = GetAppendedNonce(input);
                var text = new byte[input.Length - nonce.Length];
                key.WithKey(bytes =>
                {
                    for (int i = 0; i < text.Length; i++)
                    {
                        text[i] = (byte)(input[i] ^ bytes[i % bytes.Length] ^ nonce[i % nonce.Length]);
                    }
                });
                return text;
            }

            internal bool Reaches()
            {
                using CryptoKey key = GenerateRandomCryptoKey();
                using CryptoKey other = GenerateKey();
                EnvelopeEncryptResult<object> result = EnvelopeEncrypt<object>(Sessions.Payload, key);
                byte[] opened = EnvelopeDecrypt(result.CipherText, result.EncryptedKey, key.GetCreated(), key);
                return opened.AsSpan().SequenceEqual(Sessions.Payload) && GetSecretFactory() != null &&
                    key.WithKey(bytes => bytes.Length) == GetKeySizeBits() / 8;
            }

            protected override int GetKeySizeBits()
            {
                return 256;
            }

            protected override int GetNonceSizeBits()
            {
                return 96;
            }

            protected override int GetMacSizeBits()
            {
                return 128;
            }
        }
    }
}
