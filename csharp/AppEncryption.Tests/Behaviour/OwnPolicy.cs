using System;
using System.Threading;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>A user's policy, whose decisions change under way.</summary>
    internal sealed class OwnPolicy : CryptoPolicy
    {
        private int asked;

        /// <summary>Gets or sets which keys are expired, by when they were made.</summary>
        internal Func<DateTimeOffset, bool> Expired { get; set; } = created => false;

        internal bool CachesKeys { get; set; } = true;

        internal bool CachesSessions { get; set; }

        internal bool Notifies { get; set; }

        internal long SessionCacheSize { get; set; } = 1000;

        internal long SessionCacheMillis { get; set; } = 120_000;

        internal KeyRotationStrategy Strategy { get; set; } = KeyRotationStrategy.Inline;

        /// <summary>Gets or sets the precision of creation times, so that a test need not wait a minute.</summary>
        internal TimeSpan? Precision { get; set; }

        /// <summary>Gets how often it was asked whether a key is expired.</summary>
        internal int Asked => Volatile.Read(ref asked);

        public override bool IsKeyExpired(DateTimeOffset keyCreationDate)
        {
            Interlocked.Increment(ref asked);
            return Expired(keyCreationDate);
        }

        public override long GetRevokeCheckPeriodMillis()
        {
            return 3_600_000;
        }

        public override bool CanCacheSystemKeys()
        {
            return CachesKeys;
        }

        public override bool CanCacheIntermediateKeys()
        {
            return CachesKeys;
        }

        public override bool CanCacheSessions()
        {
            return CachesSessions;
        }

        public override long GetSessionCacheMaxSize()
        {
            return SessionCacheSize;
        }

        public override long GetSessionCacheExpireMillis()
        {
            return SessionCacheMillis;
        }

        public override bool NotifyExpiredIntermediateKeyOnRead()
        {
            return Notifies;
        }

        public override bool NotifyExpiredSystemKeyOnRead()
        {
            return Notifies;
        }

        public override KeyRotationStrategy GetKeyRotationStrategy()
        {
            return Strategy;
        }

        public override DateTimeOffset TruncateToSystemKeyPrecision(DateTimeOffset dateTimeOffset)
        {
            return Truncate(dateTimeOffset);
        }

        public override DateTimeOffset TruncateToIntermediateKeyPrecision(DateTimeOffset dateTimeOffset)
        {
            return Truncate(dateTimeOffset);
        }

        private DateTimeOffset Truncate(DateTimeOffset time)
        {
            return Precision == null
                ? base.TruncateToSystemKeyPrecision(time)
                : time.AddTicks(-(time.Ticks % Precision.Value.Ticks));
        }
    }
}
