using System;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>A policy that queues rotation, as it is while a queued rotation is done.</summary>
    internal sealed class InlineRotation : CryptoPolicy
    {
        private readonly CryptoPolicy policy;

        internal InlineRotation(CryptoPolicy policy)
        {
            this.policy = policy;
        }

        public override KeyRotationStrategy GetKeyRotationStrategy()
        {
            return KeyRotationStrategy.Inline;
        }

        public override bool IsInlineKeyRotation()
        {
            return true;
        }

        public override bool IsQueuedKeyRotation()
        {
            return false;
        }

        public override bool IsKeyExpired(DateTimeOffset keyCreationDate)
        {
            return policy.IsKeyExpired(keyCreationDate);
        }

        public override long GetRevokeCheckPeriodMillis()
        {
            return policy.GetRevokeCheckPeriodMillis();
        }

        public override bool CanCacheSystemKeys()
        {
            return policy.CanCacheSystemKeys();
        }

        public override bool CanCacheIntermediateKeys()
        {
            return policy.CanCacheIntermediateKeys();
        }

        public override bool CanCacheSessions()
        {
            return policy.CanCacheSessions();
        }

        public override long GetSessionCacheMaxSize()
        {
            return policy.GetSessionCacheMaxSize();
        }

        public override long GetSessionCacheExpireMillis()
        {
            return policy.GetSessionCacheExpireMillis();
        }

        public override bool NotifyExpiredIntermediateKeyOnRead()
        {
            return policy.NotifyExpiredIntermediateKeyOnRead();
        }

        public override bool NotifyExpiredSystemKeyOnRead()
        {
            return policy.NotifyExpiredSystemKeyOnRead();
        }

        public override DateTimeOffset TruncateToSystemKeyPrecision(DateTimeOffset dateTimeOffset)
        {
            return policy.TruncateToSystemKeyPrecision(dateTimeOffset);
        }

        public override DateTimeOffset TruncateToIntermediateKeyPrecision(DateTimeOffset dateTimeOffset)
        {
            return policy.TruncateToIntermediateKeyPrecision(dateTimeOffset);
        }
    }
}
