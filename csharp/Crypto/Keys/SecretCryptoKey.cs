using System;
using GoDaddy.Asherah.SecureMemory;

namespace GoDaddy.Asherah.Crypto.Keys
{
    /// <summary>A key kept in a secret, which it owns.</summary>
    public class SecretCryptoKey : CryptoKey
    {
        private readonly DateTimeOffset created;
        private volatile bool revoked;

        /// <summary>Makes a copy of a key, with a secret of its own.</summary>
        /// <param name="otherKey">The key, a <see cref="SecretCryptoKey"/>.</param>
        /// <exception cref="ArgumentNullException"><paramref name="otherKey"/> is null.</exception>
        /// <exception cref="InvalidCastException">It is of another type.</exception>
        /// <exception cref="InvalidOperationException">It has been disposed of.</exception>
        public SecretCryptoKey(CryptoKey otherKey)
        {
            var other = (SecretCryptoKey)(otherKey ?? throw new ArgumentNullException(nameof(otherKey)));
            Secret = other.Secret.CopySecret();
            created = other.created;
            revoked = other.revoked;
        }

        /// <summary>Makes a key.</summary>
        /// <param name="secret">The key's bytes. Disposing of the key disposes of them.</param>
        /// <param name="created">When the key was created.</param>
        /// <param name="revoked">True if it is revoked.</param>
        public SecretCryptoKey(Secret secret, DateTimeOffset created, bool revoked)
        {
            Secret = secret;
            this.created = created;
            this.revoked = revoked;
        }

        internal virtual Secret Secret { get; }

        /// <inheritdoc/>
        public override DateTimeOffset GetCreated()
        {
            return created;
        }

        /// <inheritdoc/>
        public override void WithKey(Action<byte[]> actionWithKey)
        {
            Secret.WithSecretBytes(actionWithKey);
        }

        /// <inheritdoc/>
        public override TResult WithKey<TResult>(Func<byte[], TResult> actionWithKey)
        {
            return Secret.WithSecretBytes(actionWithKey);
        }

        /// <inheritdoc/>
        public override void Dispose()
        {
            Secret.Dispose();
        }

        /// <inheritdoc/>
        public override bool IsRevoked()
        {
            return revoked;
        }

        /// <inheritdoc/>
        public override void MarkRevoked()
        {
            revoked = true;
        }
    }
}
