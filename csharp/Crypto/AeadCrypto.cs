#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto
{
    public abstract class AeadCrypto : System.IDisposable
    {
        protected AeadCrypto() { throw null; }
        protected abstract int GetMacSizeBits();
        protected abstract int GetNonceSizeBits();
        protected byte[] GenerateNonce() { throw null; }
        protected byte[] GetAppendedNonce(byte[] cipherTextAndNonce) { throw null; }
        protected internal abstract int GetKeySizeBits();
        protected internal virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey GenerateRandomCryptoKey() { throw null; }
        protected internal virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey GenerateRandomCryptoKey(System.DateTimeOffset created) { throw null; }
        protected internal virtual GoDaddy.Asherah.SecureMemory.ISecretFactory GetSecretFactory() { throw null; }
        protected static void AppendNonce(byte[] cipherText, byte[] nonce) { throw null; }
        public abstract byte[] Decrypt(byte[] input, GoDaddy.Asherah.Crypto.Keys.CryptoKey key);
        public abstract byte[] Encrypt(byte[] input, GoDaddy.Asherah.Crypto.Keys.CryptoKey key);
        public virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey GenerateKey() { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey GenerateKey(System.DateTimeOffset created) { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey GenerateKeyFromBytes(byte[] sourceBytes) { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey GenerateKeyFromBytes(byte[] sourceBytes, System.DateTimeOffset created) { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey GenerateKeyFromBytes(byte[] sourceBytes, System.DateTimeOffset created, bool revoked) { throw null; }
        public void Dispose() { throw null; }
    }
}
