#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    public class StaticKeyManagementServiceImpl : GoDaddy.Asherah.AppEncryption.Kms.KeyManagementService, System.IDisposable
    {
        protected virtual void Dispose(bool disposing) { throw null; }
        public StaticKeyManagementServiceImpl(string key) { throw null; }
        public override GoDaddy.Asherah.Crypto.Keys.CryptoKey DecryptKey(byte[] keyCipherText, System.DateTimeOffset keyCreated, bool revoked) { throw null; }
        public override byte[] EncryptKey(GoDaddy.Asherah.Crypto.Keys.CryptoKey key) { throw null; }
        public void Dispose() { throw null; }
    }
}
