using System;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>A key management service as an application writes one: a key of any bytes, and failures on
    /// demand.</summary>
    internal sealed class RawKms : KeyManagementService, IDisposable
    {
        private readonly BouncyAes256GcmCrypto crypto = new BouncyAes256GcmCrypto();
        private readonly CryptoKey masterKey;

        internal RawKms(byte[] key)
        {
            masterKey = crypto.GenerateKeyFromBytes((byte[])key.Clone());
        }

        internal Action<string> Before { get; set; }

        public override byte[] EncryptKey(CryptoKey key)
        {
            Before?.Invoke("EncryptKey");
            return crypto.EncryptKey(key, masterKey);
        }

        public override CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
        {
            Before?.Invoke("DecryptKey");
            return crypto.DecryptKey(keyCipherText, keyCreated, masterKey, revoked);
        }

        public void Dispose()
        {
            masterKey.Dispose();
            crypto.Dispose();
        }
    }
}
