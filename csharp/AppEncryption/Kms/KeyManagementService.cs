#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    public abstract class KeyManagementService : GoDaddy.Asherah.AppEncryption.Kms.IKeyManagementService
    {
        protected KeyManagementService() { throw null; }
        public abstract GoDaddy.Asherah.Crypto.Keys.CryptoKey DecryptKey(byte[] keyCipherText, System.DateTimeOffset keyCreated, bool revoked);
        public abstract byte[] EncryptKey(GoDaddy.Asherah.Crypto.Keys.CryptoKey key);
        public virtual System.Threading.Tasks.Task<GoDaddy.Asherah.Crypto.Keys.CryptoKey> DecryptKeyAsync(byte[] keyCipherText, System.DateTimeOffset keyCreated, bool revoked) { throw null; }
        public virtual System.Threading.Tasks.Task<byte[]> EncryptKeyAsync(GoDaddy.Asherah.Crypto.Keys.CryptoKey key) { throw null; }
        public virtual TResult WithDecryptedKey<TResult>(byte[] keyCipherText, System.DateTimeOffset keyCreated, bool revoked, System.Func<GoDaddy.Asherah.Crypto.Keys.CryptoKey, System.DateTimeOffset, TResult> actionWithDecryptedKey) { throw null; }
    }
}
