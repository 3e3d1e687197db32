using System;

namespace GoDaddy.Asherah.Crypto
{
    /// <summary>Keys expire after a number of days and are checked for revocation every so many minutes.</summary>
    public class BasicExpiringCryptoPolicy : CryptoPolicy
    {
        private readonly Builder settings;

        private BasicExpiringCryptoPolicy(Builder settings)
        {
            this.settings = settings;
            KeyLifetime = Span(settings.KeyExpirationDays, TimeSpan.TicksPerDay, "days");
            RevokeCheckPeriod = Span(settings.RevokeCheckMinutes, TimeSpan.TicksPerMinute, "minutes");
        }

        /// <summary>The step that says after how many days keys expire.</summary>
        public interface IKeyExpirationDaysStep
        {
            /// <summary>Sets after how many days keys expire.</summary>
            /// <param name="days">Days since creation.</param>
            /// <returns>The next step.</returns>
            IRevokeCheckMinutesStep WithKeyExpirationDays(int days);
        }

        /// <summary>The step that says how often revocation is checked.</summary>
        public interface IRevokeCheckMinutesStep
        {
            /// <summary>Sets how long a cached key is used before its revocation is checked again.</summary>
            /// <param name="minutes">Minutes.</param>
            /// <returns>The next step.</returns>
            IBuildStep WithRevokeCheckMinutes(int minutes);
        }

        /// <summary>The last step: options, and the policy itself.</summary>
        public interface IBuildStep
        {
            /// <summary>Sets what happens when the key in use has expired; inline if not called.</summary>
            /// <param name="rotationStrategy">The strategy.</param>
            /// <returns>This step.</returns>
            IBuildStep WithRotationStrategy(KeyRotationStrategy rotationStrategy);

            /// <summary>Sets whether system keys are cached; true if not called.</summary>
            /// <param name="cacheSystemKeys">True to cache them.</param>
            /// <returns>This step.</returns>
            IBuildStep WithCanCacheSystemKeys(bool cacheSystemKeys);

            /// <summary>Sets whether intermediate keys are cached; true if not called.</summary>
            /// <param name="cacheIntermediateKeys">True to cache them.</param>
            /// <returns>This step.</returns>
            IBuildStep WithCanCacheIntermediateKeys(bool cacheIntermediateKeys);

            /// <summary>Sets whether sessions are cached; false if not called.</summary>
            /// <param name="cacheSessions">True to cache them.</param>
            /// <returns>This step.</returns>
            IBuildStep WithCanCacheSessions(bool cacheSessions);

            /// <summary>Sets how many sessions are cached at most; 1000 if not called.</summary>
            /// <param name="sessionCacheMaxSize">A number of sessions.</param>
            /// <returns>This step.</returns>
            IBuildStep WithSessionCacheMaxSize(long sessionCacheMaxSize);

            /// <summary>Sets how long an unused session stays cached; 120000 ms if not called.</summary>
            /// <param name="sessionCacheExpireMillis">Milliseconds.</param>
            /// <returns>This step.</returns>
            IBuildStep WithSessionCacheExpireMillis(long sessionCacheExpireMillis);

            /// <summary>Sets whether reading with an expired system key is reported; false if not called.</summary>
            /// <param name="notify">True to report it.</param>
            /// <returns>This step.</returns>
            IBuildStep WithNotifyExpiredSystemKeyOnRead(bool notify);

            /// <summary>Sets whether reading with an expired intermediate key is reported; false if not
            /// called.</summary>
            /// <param name="notify">True to report it.</param>
            /// <returns>This step.</returns>
            IBuildStep WithNotifyExpiredIntermediateKeyOnRead(bool notify);

            /// <summary>Makes the policy.</summary>
            /// <returns>A policy that later changes of the builder do not reach.</returns>
            /// <exception cref="ArgumentOutOfRangeException">A number of days or minutes is beyond what
            /// <see cref="TimeSpan"/> can hold.</exception>
            BasicExpiringCryptoPolicy Build();
        }

        internal TimeSpan KeyLifetime { get; }

        internal TimeSpan RevokeCheckPeriod { get; }

        /// <summary>Gets a value indicating whether keys live and are cached for some time: what the library's
        /// configuration takes.</summary>
        internal bool IsConfigurable => KeyLifetime > TimeSpan.Zero && RevokeCheckPeriod > TimeSpan.Zero;

        /// <summary>Starts a policy.</summary>
        /// <returns>The first step.</returns>
        public static IKeyExpirationDaysStep NewBuilder()
        {
            return new Builder();
        }

        /// <inheritdoc/>
        public override bool IsKeyExpired(DateTimeOffset keyCreationDate)
        {
            // Compared as a difference, which cannot leave the range of DateTimeOffset.
            return DateTimeOffset.UtcNow - keyCreationDate > KeyLifetime;
        }

        /// <inheritdoc/>
        public override long GetRevokeCheckPeriodMillis()
        {
            return RevokeCheckPeriod.Ticks / TimeSpan.TicksPerMillisecond;
        }

        /// <inheritdoc/>
        public override bool CanCacheSystemKeys()
        {
            return settings.CacheSystemKeys;
        }

        /// <inheritdoc/>
        public override bool CanCacheIntermediateKeys()
        {
            return settings.CacheIntermediateKeys;
        }

        /// <inheritdoc/>
        public override bool CanCacheSessions()
        {
            return settings.CacheSessions;
        }

        /// <inheritdoc/>
        public override long GetSessionCacheMaxSize()
        {
            return settings.SessionCacheMaxSize;
        }

        /// <inheritdoc/>
        public override long GetSessionCacheExpireMillis()
        {
            return settings.SessionCacheExpireMillis;
        }

        /// <inheritdoc/>
        public override bool NotifyExpiredIntermediateKeyOnRead()
        {
            return settings.NotifyExpiredIntermediateKey;
        }

        /// <inheritdoc/>
        public override bool NotifyExpiredSystemKeyOnRead()
        {
            return settings.NotifyExpiredSystemKey;
        }

        /// <inheritdoc/>
        public override KeyRotationStrategy GetKeyRotationStrategy()
        {
            return settings.RotationStrategy;
        }

        private static TimeSpan Span(int count, long ticksPerUnit, string unit)
        {
            if (Math.Abs((long)count) > TimeSpan.MaxValue.Ticks / ticksPerUnit)
            {
                throw new ArgumentOutOfRangeException(unit, count, "More " + unit + " than a TimeSpan can hold.");
            }

            return new TimeSpan(count * ticksPerUnit);
        }

        private sealed class Builder : IKeyExpirationDaysStep, IRevokeCheckMinutesStep, IBuildStep
        {
            internal int KeyExpirationDays { get; private set; }

            internal int RevokeCheckMinutes { get; private set; }

            internal KeyRotationStrategy RotationStrategy { get; private set; } = KeyRotationStrategy.Inline;

            internal bool CacheSystemKeys { get; private set; } = true;

            internal bool CacheIntermediateKeys { get; private set; } = true;

            internal bool CacheSessions { get; private set; }

            internal long SessionCacheMaxSize { get; private set; } = 1000;

            internal long SessionCacheExpireMillis { get; private set; } = 120000;

            internal bool NotifyExpiredSystemKey { get; private set; }

            internal bool NotifyExpiredIntermediateKey { get; private set; }

            public IRevokeCheckMinutesStep WithKeyExpirationDays(int days)
            {
                KeyExpirationDays = days;
                return this;
            }

            public IBuildStep WithRevokeCheckMinutes(int minutes)
            {
                RevokeCheckMinutes = minutes;
                return this;
            }

            public IBuildStep WithRotationStrategy(KeyRotationStrategy rotationStrategy)
            {
                RotationStrategy = rotationStrategy;
                return this;
            }

            public IBuildStep WithCanCacheSystemKeys(bool cacheSystemKeys)
            {
                CacheSystemKeys = cacheSystemKeys;
                return this;
            }

            public IBuildStep WithCanCacheIntermediateKeys(bool cacheIntermediateKeys)
            {
                CacheIntermediateKeys = cacheIntermediateKeys;
                return this;
            }

            public IBuildStep WithCanCacheSessions(bool cacheSessions)
            {
                CacheSessions = cacheSessions;
                return this;
            }

            public IBuildStep WithSessionCacheMaxSize(long sessionCacheMaxSize)
            {
                SessionCacheMaxSize = sessionCacheMaxSize;
                return this;
            }

            public IBuildStep WithSessionCacheExpireMillis(long sessionCacheExpireMillis)
            {
                SessionCacheExpireMillis = sessionCacheExpireMillis;
                return this;
            }

            public IBuildStep WithNotifyExpiredSystemKeyOnRead(bool notify)
            {
                NotifyExpiredSystemKey = notify;
                return this;
            }

            public IBuildStep WithNotifyExpiredIntermediateKeyOnRead(bool notify)
            {
                NotifyExpiredIntermediateKey = notify;
                return this;
            }

            public BasicExpiringCryptoPolicy Build()
            {
                return new BasicExpiringCryptoPolicy((Builder)MemberwiseClone());
            }
        }
    }
}
