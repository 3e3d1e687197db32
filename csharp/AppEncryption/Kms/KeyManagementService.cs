using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    /// <summary>A key management service that has the synchronous methods; the others are made of them.</summary>
    public abstract class KeyManagementService : IKeyManagementService
    {
        /// <summary>Makes a key management service.</summary>
        protected KeyManagementService()
        {
        }

        /// <inheritdoc/>
        public abstract byte[] EncryptKey(CryptoKey key);

        /// <inheritdoc/>
        public abstract CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked);

        /// <summary>As <see cref="EncryptKey"/>, which it calls on this thread; every failure is in the task.</summary>
        /// <param name="key">The key.</param>
        /// <returns>The wrapped key, in a task that has ended.</returns>
        public virtual Task<byte[]> EncryptKeyAsync(CryptoKey key)
        {
            try
            {
                return Task.FromResult(EncryptKey(key));
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }
        }

        /// <summary>As <see cref="DecryptKey"/>, which it calls on this thread; every failure is in the task.</summary>
        /// <param name="keyCipherText">The wrapped key.</param>
        /// <param name="keyCreated">When the key was created.</param>
        /// <param name="revoked">Whether the key is revoked.</param>
        /// <returns>The key, to dispose at the end, in a task that has ended.</returns>
        public virtual Task<CryptoKey> DecryptKeyAsync(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
        {
            try
            {
                return Task.FromResult(DecryptKey(keyCipherText, keyCreated, revoked));
            }
            catch (Exception e)
            {
                return Task.FromException<CryptoKey>(e);
            }
        }

        /// <summary>Unwraps a key, calls an action with it and disposes it.</summary>
        /// <typeparam name="TResult">What the action returns.</typeparam>
        /// <param name="keyCipherText">The wrapped key.</param>
        /// <param name="keyCreated">When the key was created.</param>
        /// <param name="revoked">Whether the key is revoked.</param>
        /// <param name="actionWithDecryptedKey">Called with the key and with <paramref name="keyCreated"/>; must not
        /// keep the key.</param>
        /// <returns>What the action returns.</returns>
        public virtual TResult WithDecryptedKey<TResult>(
            byte[] keyCipherText,
            DateTimeOffset keyCreated,
            bool revoked,
            Func<CryptoKey, DateTimeOffset, TResult> actionWithDecryptedKey)
        {
            using (CryptoKey key = DecryptKey(keyCipherText, keyCreated, revoked))
            {
                return actionWithDecryptedKey(key, keyCreated);
            }
        }
    }
}
