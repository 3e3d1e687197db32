#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.Envelope
{
    public abstract class AeadEnvelopeCrypto : GoDaddy.Asherah.Crypto.AeadCrypto
    {
        protected AeadEnvelopeCrypto() { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Envelope.EnvelopeEncryptResult<T> EnvelopeEncrypt<T>(byte[] plainText, GoDaddy.Asherah.Crypto.Keys.CryptoKey keyEncryptionKey) where T : class { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Envelope.EnvelopeEncryptResult<T> EnvelopeEncrypt<T>(byte[] plainText, GoDaddy.Asherah.Crypto.Keys.CryptoKey keyEncryptionKey, T userState) where T : class { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey DecryptKey(byte[] encryptedKey, System.DateTimeOffset encryptedKeyCreated, GoDaddy.Asherah.Crypto.Keys.CryptoKey keyEncryptionKey) { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey DecryptKey(byte[] encryptedKey, System.DateTimeOffset encryptedKeyCreated, GoDaddy.Asherah.Crypto.Keys.CryptoKey keyEncryptionKey, bool revoked) { throw null; }
        public virtual byte[] EncryptKey(GoDaddy.Asherah.Crypto.Keys.CryptoKey key, GoDaddy.Asherah.Crypto.Keys.CryptoKey keyEncryptionKey) { throw null; }
        public virtual byte[] EnvelopeDecrypt(byte[] cipherText, byte[] encryptedKey, System.DateTimeOffset keyCreated, GoDaddy.Asherah.Crypto.Keys.CryptoKey keyEncryptionKey) { throw null; }
    }
}
