using System;
using GoDaddy.Asherah.Crypto.ExtensionMethods;

namespace GoDaddy.Asherah.Crypto
{
    /// <summary>Decides how long keys live, how often their revocation is checked, and what is cached.</summary>
    public abstract class CryptoPolicy
    {
        private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

        /// <summary>What happens when the key in use has expired.</summary>
        public enum KeyRotationStrategy
        {
            /// <summary>The call that notices makes the new key, and uses it.</summary>
            Inline,

            /// <summary>The call that notices uses the expired key; the new one is made in the background.</summary>
            Queued,
        }

        /// <summary>Says whether a key is too old to encrypt with.</summary>
        /// <param name="keyCreationDate">When the key was created.</param>
        /// <returns>True if it is expired.</returns>
        public abstract bool IsKeyExpired(DateTimeOffset keyCreationDate);

        /// <summary>Returns how long a cached key is used before its revocation is checked again.</summary>
        /// <returns>Milliseconds.</returns>
        public abstract long GetRevokeCheckPeriodMillis();

        /// <summary>Says whether system keys are cached.</summary>
        /// <returns>True if they are.</returns>
        public abstract bool CanCacheSystemKeys();

        /// <summary>Says whether intermediate keys are cached.</summary>
        /// <returns>True if they are.</returns>
        public abstract bool CanCacheIntermediateKeys();

        /// <summary>Says whether sessions are cached.</summary>
        /// <returns>True if they are.</returns>
        public abstract bool CanCacheSessions();

        /// <summary>Returns how many sessions are cached at most.</summary>
        /// <returns>A number of sessions.</returns>
        public abstract long GetSessionCacheMaxSize();

        /// <summary>Returns how long an unused session stays cached.</summary>
        /// <returns>Milliseconds.</returns>
        public abstract long GetSessionCacheExpireMillis();

        /// <summary>Says whether reading with an expired intermediate key is reported.</summary>
        /// <returns>True if it is.</returns>
        public abstract bool NotifyExpiredIntermediateKeyOnRead();

        /// <summary>Says whether reading with an expired system key is reported.</summary>
        /// <returns>True if it is.</returns>
        public abstract bool NotifyExpiredSystemKeyOnRead();

        /// <summary>Returns what happens when the key in use has expired.</summary>
        /// <returns>The strategy.</returns>
        public abstract KeyRotationStrategy GetKeyRotationStrategy();

        /// <summary>Says whether <see cref="GetKeyRotationStrategy"/> is
        /// <see cref="KeyRotationStrategy.Inline"/>.</summary>
        /// <returns>True if it is.</returns>
        public virtual bool IsInlineKeyRotation()
        {
            return GetKeyRotationStrategy() == KeyRotationStrategy.Inline;
        }

        /// <summary>Says whether <see cref="GetKeyRotationStrategy"/> is
        /// <see cref="KeyRotationStrategy.Queued"/>.</summary>
        /// <returns>True if it is.</returns>
        public virtual bool IsQueuedKeyRotation()
        {
            return GetKeyRotationStrategy() == KeyRotationStrategy.Queued;
        }

        /// <summary>Rounds the creation time of a system key down to the minute.</summary>
        /// <param name="dateTimeOffset">The time.</param>
        /// <returns>The time as it is stored.</returns>
        public virtual DateTimeOffset TruncateToSystemKeyPrecision(DateTimeOffset dateTimeOffset)
        {
            return dateTimeOffset.Truncate(Minute);
        }

        /// <summary>Rounds the creation time of an intermediate key down to the minute.</summary>
        /// <param name="dateTimeOffset">The time.</param>
        /// <returns>The time as it is stored.</returns>
        public virtual DateTimeOffset TruncateToIntermediateKeyPrecision(DateTimeOffset dateTimeOffset)
        {
            return dateTimeOffset.Truncate(Minute);
        }
    }
}
