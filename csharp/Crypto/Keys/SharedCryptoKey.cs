using System;

namespace GoDaddy.Asherah.Crypto.Keys
{
    /// <summary>A key that belongs to a cache: disposing of it does nothing.</summary>
    public class SharedCryptoKey : CryptoKey
    {
        internal SharedCryptoKey(CryptoKey sharedKey)
        {
            SharedKey = sharedKey;
        }

        /// <summary>Gets the key that the cache owns.</summary>
        internal CryptoKey SharedKey { get; }

        /// <inheritdoc/>
        public override DateTimeOffset GetCreated()
        {
            return SharedKey.GetCreated();
        }

        /// <inheritdoc/>
        public override void WithKey(Action<byte[]> actionWithKey)
        {
            SharedKey.WithKey(actionWithKey);
        }

        /// <inheritdoc/>
        public override TResult WithKey<TResult>(Func<byte[], TResult> actionWithKey)
        {
            return SharedKey.WithKey(actionWithKey);
        }

        /// <summary>Does nothing: the cache disposes of the key.</summary>
        public override void Dispose()
        {
        }

        /// <inheritdoc/>
        public override bool IsRevoked()
        {
            return SharedKey.IsRevoked();
        }

        /// <inheritdoc/>
        public override void MarkRevoked()
        {
            SharedKey.MarkRevoked();
        }
    }
}
