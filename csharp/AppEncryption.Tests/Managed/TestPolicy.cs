using System;
using System.Threading;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>A policy that a test changes while it is in use.</summary>
    internal sealed class TestPolicy : NeverExpiredCryptoPolicy
    {
        private long expiredBefore = long.MinValue;

        /// <summary>Gets or sets since when keys are not expired, in seconds.</summary>
        internal long ExpiredBefore
        {
            get => Interlocked.Read(ref expiredBefore);
            set => Interlocked.Exchange(ref expiredBefore, value);
        }

        internal bool Queued { get; set; }

        internal bool CacheSystemKeys { get; set; } = true;

        internal bool CacheIntermediateKeys { get; set; } = true;

        internal long RevokeCheckMillis { get; set; } = long.MaxValue;

        internal bool Notify { get; set; }

        public override bool IsKeyExpired(DateTimeOffset keyCreationDate)
        {
            return keyCreationDate.ToUnixTimeSeconds() < ExpiredBefore;
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

        public override KeyRotationStrategy GetKeyRotationStrategy()
        {
            return Queued ? KeyRotationStrategy.Queued : KeyRotationStrategy.Inline;
        }

        public override bool NotifyExpiredIntermediateKeyOnRead()
        {
            return Notify;
        }

        public override bool NotifyExpiredSystemKeyOnRead()
        {
            return Notify;
        }
    }
}
