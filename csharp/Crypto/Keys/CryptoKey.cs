#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.Keys
{
    public abstract class CryptoKey : System.IDisposable
    {
        protected CryptoKey() { throw null; }
        public abstract System.DateTimeOffset GetCreated();
        public abstract TResult WithKey<TResult>(System.Func<byte[], TResult> actionWithKey);
        public abstract bool IsRevoked();
        public abstract void Dispose();
        public abstract void MarkRevoked();
        public abstract void WithKey(System.Action<byte[]> actionWithKey);
    }
}
