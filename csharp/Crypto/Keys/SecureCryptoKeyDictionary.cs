#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.Keys
{
    public class SecureCryptoKeyDictionary<TKey> : System.IDisposable
    {
        public SecureCryptoKeyDictionary(long revokeCheckPeriodMillis) { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey Get(TKey key) { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey GetLast() { throw null; }
        public virtual GoDaddy.Asherah.Crypto.Keys.CryptoKey PutAndGetUsable(TKey key, GoDaddy.Asherah.Crypto.Keys.CryptoKey cryptoKey) { throw null; }
        public virtual void Dispose() { throw null; }
    }
}
