using System;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Tests.Callbacks
{
    /// <summary>A policy as an application may write it, whose answers change at once.</summary>
    internal sealed class MovablePolicy : CryptoPolicy
    {
        internal Func<DateTimeOffset, bool> Expired { get; set; } = created => false;

        internal long RevokeCheckMillis { get; set; } = long.MaxValue;

        internal bool CacheSystemKeys { get; set; } = true;

        internal bool CacheIntermediateKeys { get; set; } = true;

        internal bool Notify { get; set; }

        internal KeyRotationStrategy Strategy { get; set; } = KeyRotationStrategy.Inline;

        /// <summary>Gets or sets how much older than they are new keys are made.</summary>
        internal TimeSpan Age { get; set; }

        public override bool IsKeyExpired(DateTimeOffset keyCreationDate)
        {
            return Expired(keyCreationDate);
        }

        public override long GetRevokeCheckPeriodMillis()
        {
            return RevokeCheckMillis;
        }

        public override bool CanCacheSystemKeys()
        {
            return CacheSystemKeys;
        }

        public override bool CanCacheIntermediateKeys()
        {
            return CacheIntermediateKeys;
        }

        public override bool CanCacheSessions()
        {
            return false;
        }

        public override long GetSessionCacheMaxSize()
        {
            return 0;
        }

        public override long GetSessionCacheExpireMillis()
        {
            return 0;
        }

        public override bool NotifyExpiredIntermediateKeyOnRead()
        {
            return Notify;
        }

        public override bool NotifyExpiredSystemKeyOnRead()
        {
            return Notify;
        }

        public override KeyRotationStrategy GetKeyRotationStrategy()
        {
            return Strategy;
        }

        public override DateTimeOffset TruncateToSystemKeyPrecision(DateTimeOffset dateTimeOffset)
        {
            return base.TruncateToSystemKeyPrecision(dateTimeOffset - Age);
        }

        public override DateTimeOffset TruncateToIntermediateKeyPrecision(DateTimeOffset dateTimeOffset)
        {
            return base.TruncateToIntermediateKeyPrecision(dateTimeOffset - Age);
        }
    }
}
