#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.Engine.BouncyCastle
{
    public abstract class BouncyAeadCrypto : GoDaddy.Asherah.Crypto.Envelope.AeadEnvelopeCrypto
    {
        protected BouncyAeadCrypto() { throw null; }
        protected abstract Org.BouncyCastle.Crypto.Modes.IAeadBlockCipher GetNewAeadBlockCipherInstance();
        protected abstract Org.BouncyCastle.Crypto.Parameters.AeadParameters GetParameters(GoDaddy.Asherah.Crypto.Keys.CryptoKey key, byte[] nonce);
        public override byte[] Decrypt(byte[] input, GoDaddy.Asherah.Crypto.Keys.CryptoKey key) { throw null; }
        public override byte[] Encrypt(byte[] input, GoDaddy.Asherah.Crypto.Keys.CryptoKey key) { throw null; }
    }
}
