#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.Keys
{
    public class SecretCryptoKey : GoDaddy.Asherah.Crypto.Keys.CryptoKey
    {
        public SecretCryptoKey(GoDaddy.Asherah.Crypto.Keys.CryptoKey otherKey) { throw null; }
        public SecretCryptoKey(GoDaddy.Asherah.SecureMemory.Secret secret, System.DateTimeOffset created, bool revoked) { throw null; }
        public override System.DateTimeOffset GetCreated() { throw null; }
        public override TResult WithKey<TResult>(System.Func<byte[], TResult> actionWithKey) { throw null; }
        public override bool IsRevoked() { throw null; }
        public override void Dispose() { throw null; }
        public override void MarkRevoked() { throw null; }
        public override void WithKey(System.Action<byte[]> actionWithKey) { throw null; }
    }
}
