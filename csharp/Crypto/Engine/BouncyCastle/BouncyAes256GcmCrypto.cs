#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.Engine.BouncyCastle
{
    public class BouncyAes256GcmCrypto : GoDaddy.Asherah.Crypto.Engine.BouncyCastle.BouncyAeadCrypto
    {
        protected internal override int GetKeySizeBits() { throw null; }
        protected override Org.BouncyCastle.Crypto.Modes.IAeadBlockCipher GetNewAeadBlockCipherInstance() { throw null; }
        protected override Org.BouncyCastle.Crypto.Parameters.AeadParameters GetParameters(GoDaddy.Asherah.Crypto.Keys.CryptoKey key, byte[] nonce) { throw null; }
        protected override int GetMacSizeBits() { throw null; }
        protected override int GetNonceSizeBits() { throw null; }
        public BouncyAes256GcmCrypto() { throw null; }
    }
}
