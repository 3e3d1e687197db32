using System;
using GoDaddy.Asherah.Crypto.BufferUtils;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.Crypto.Envelope
{
    /// <summary>A cipher that encrypts payloads under keys of their own, and these under other keys.</summary>
    public abstract class AeadEnvelopeCrypto : AeadCrypto
    {
        /// <summary>Makes the base of a cipher.</summary>
        protected AeadEnvelopeCrypto()
        {
        }

        /// <summary>Encrypts a key.</summary>
        /// <param name="key">The key.</param>
        /// <param name="keyEncryptionKey">The key it is encrypted with.</param>
        /// <returns>The encrypted key.</returns>
        public virtual byte[] EncryptKey(CryptoKey key, CryptoKey keyEncryptionKey)
        {
            return key.WithKey(bytes => Encrypt(bytes, keyEncryptionKey));
        }

        /// <summary>Decrypts a key that is not revoked.</summary>
        /// <param name="encryptedKey">The encrypted key.</param>
        /// <param name="encryptedKeyCreated">When it was created.</param>
        /// <param name="keyEncryptionKey">The key it was encrypted with.</param>
        /// <returns>The key, to be disposed of by the caller.</returns>
        public virtual CryptoKey DecryptKey(
            byte[] encryptedKey, DateTimeOffset encryptedKeyCreated, CryptoKey keyEncryptionKey)
        {
            return DecryptKey(encryptedKey, encryptedKeyCreated, keyEncryptionKey, false);
        }

        /// <summary>Decrypts a key.</summary>
        /// <param name="encryptedKey">The encrypted key.</param>
        /// <param name="encryptedKeyCreated">When it was created.</param>
        /// <param name="keyEncryptionKey">The key it was encrypted with.</param>
        /// <param name="revoked">True if it is revoked.</param>
        /// <returns>The key, to be disposed of by the caller.</returns>
        public virtual CryptoKey DecryptKey(
            byte[] encryptedKey, DateTimeOffset encryptedKeyCreated, CryptoKey keyEncryptionKey, bool revoked)
        {
            byte[] key = Decrypt(encryptedKey, keyEncryptionKey);
            try
            {
                return GenerateKeyFromBytes(key, encryptedKeyCreated, revoked);
            }
            finally
            {
                ManagedBufferUtils.WipeByteArray(key);
            }
        }

        /// <summary>Encrypts a payload with a new key, and that key.</summary>
        /// <typeparam name="T">The type of what is added.</typeparam>
        /// <param name="plainText">The payload.</param>
        /// <param name="keyEncryptionKey">The key that the new key is encrypted with.</param>
        /// <returns>The encrypted payload and key, with nothing added.</returns>
        public virtual EnvelopeEncryptResult<T> EnvelopeEncrypt<T>(byte[] plainText, CryptoKey keyEncryptionKey)
            where T : class
        {
            return EnvelopeEncrypt<T>(plainText, keyEncryptionKey, null);
        }

        /// <summary>Encrypts a payload with a new key, and that key.</summary>
        /// <typeparam name="T">The type of what is added.</typeparam>
        /// <param name="plainText">The payload.</param>
        /// <param name="keyEncryptionKey">The key that the new key is encrypted with.</param>
        /// <param name="userState">What is added to the result as it is, or null.</param>
        /// <returns>The encrypted payload and key.</returns>
        public virtual EnvelopeEncryptResult<T> EnvelopeEncrypt<T>(
            byte[] plainText, CryptoKey keyEncryptionKey, T userState)
            where T : class
        {
            using (CryptoKey dataKey = GenerateKey())
            {
                return new EnvelopeEncryptResult<T>
                {
                    CipherText = Encrypt(plainText, dataKey),
                    EncryptedKey = EncryptKey(dataKey, keyEncryptionKey),
                    UserState = userState,
                };
            }
        }

        /// <summary>Decrypts a key, and a payload with it.</summary>
        /// <param name="cipherText">The encrypted payload.</param>
        /// <param name="encryptedKey">The encrypted key.</param>
        /// <param name="keyCreated">When the key was created.</param>
        /// <param name="keyEncryptionKey">The key that the key was encrypted with.</param>
        /// <returns>The payload.</returns>
        public virtual byte[] EnvelopeDecrypt(
            byte[] cipherText, byte[] encryptedKey, DateTimeOffset keyCreated, CryptoKey keyEncryptionKey)
        {
            using (CryptoKey dataKey = DecryptKey(encryptedKey, keyCreated, keyEncryptionKey))
            {
                return Decrypt(cipherText, dataKey);
            }
        }
    }
}
