using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    /// <summary>
    /// Wraps system keys with a key that it does not give away. Called by many threads at once. Session factories call
    /// the synchronous methods.
    /// </summary>
    public interface IKeyManagementService
    {
        /// <summary>Wraps a key.</summary>
        /// <param name="key">The key, 32 bytes.</param>
        /// <returns>The wrapped key.</returns>
        byte[] EncryptKey(CryptoKey key);

        /// <summary>Unwraps what <see cref="EncryptKey"/> returned.</summary>
        /// <param name="keyCipherText">The wrapped key.</param>
        /// <param name="keyCreated">When the key was created.</param>
        /// <param name="revoked">Whether the key is revoked.</param>
        /// <returns>The key, to dispose at the end.</returns>
        CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked);

        /// <summary>As <see cref="EncryptKey"/>; every failure is in the task.</summary>
        /// <param name="key">The key, to keep until the task has ended.</param>
        /// <returns>The wrapped key.</returns>
        Task<byte[]> EncryptKeyAsync(CryptoKey key);

        /// <summary>As <see cref="DecryptKey"/>; every failure is in the task.</summary>
        /// <param name="keyCipherText">The wrapped key.</param>
        /// <param name="keyCreated">When the key was created.</param>
        /// <param name="revoked">Whether the key is revoked.</param>
        /// <returns>The key, to dispose at the end.</returns>
        Task<CryptoKey> DecryptKeyAsync(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked);
    }
}
