using System;

namespace GoDaddy.Asherah.Crypto.Tests
{
    public sealed class PolicyTests
    {
        [Fact]
        public void WhatIsNotSaidIsAsInCanonicalAsherah()
        {
            BasicExpiringCryptoPolicy policy =
                BasicExpiringCryptoPolicy.NewBuilder().WithKeyExpirationDays(1).WithRevokeCheckMinutes(2).Build();
            Assert.Equal(120_000, policy.GetRevokeCheckPeriodMillis());
            Assert.True(policy.IsInlineKeyRotation());
            Assert.False(policy.IsQueuedKeyRotation());
            Assert.True(policy.CanCacheSystemKeys());
            Assert.True(policy.CanCacheIntermediateKeys());
            Assert.False(policy.CanCacheSessions());
            Assert.Equal(1000, policy.GetSessionCacheMaxSize());
            Assert.Equal(120_000, policy.GetSessionCacheExpireMillis());
            Assert.False(policy.NotifyExpiredSystemKeyOnRead());
            Assert.False(policy.NotifyExpiredIntermediateKeyOnRead());
            Assert.Equal(CryptoPolicy.KeyRotationStrategy.Inline, policy.GetKeyRotationStrategy());
            Assert.False(policy.IsKeyExpired(DateTimeOffset.UtcNow.AddDays(-1).AddMinutes(1)));
            Assert.True(policy.IsKeyExpired(DateTimeOffset.UtcNow.AddDays(-1).AddMinutes(-1)));
            Assert.True(policy.IsKeyExpired(DateTimeOffset.MinValue));
            Assert.False(policy.IsKeyExpired(DateTimeOffset.MaxValue));
        }

        [Fact]
        public void EveryStepIsKept()
        {
            BasicExpiringCryptoPolicy policy = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(1)
                .WithRevokeCheckMinutes(1)
                .WithRotationStrategy(CryptoPolicy.KeyRotationStrategy.Queued)
                .WithCanCacheSystemKeys(false)
                .WithCanCacheIntermediateKeys(false)
                .WithCanCacheSessions(true)
                .WithSessionCacheMaxSize(5)
                .WithSessionCacheExpireMillis(6)
                .WithNotifyExpiredSystemKeyOnRead(true)
                .WithNotifyExpiredIntermediateKeyOnRead(true)
                .Build();
            Assert.True(policy.IsQueuedKeyRotation());
            Assert.False(policy.IsInlineKeyRotation());
            Assert.False(policy.CanCacheSystemKeys());
            Assert.False(policy.CanCacheIntermediateKeys());
            Assert.True(policy.CanCacheSessions());
            Assert.Equal(5, policy.GetSessionCacheMaxSize());
            Assert.Equal(6, policy.GetSessionCacheExpireMillis());
            Assert.True(policy.NotifyExpiredSystemKeyOnRead());
            Assert.True(policy.NotifyExpiredIntermediateKeyOnRead());
        }

        [Fact]
        public void NegativesAreAcceptedAndWhatNoTimeSpanHoldsIsNot()
        {
            BasicExpiringCryptoPolicy policy = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(-1)
                .WithRevokeCheckMinutes(-2)
                .WithSessionCacheMaxSize(-3)
                .WithSessionCacheExpireMillis(-4)
                .Build();
            Assert.True(policy.IsKeyExpired(DateTimeOffset.UtcNow));
            Assert.Equal(-120_000, policy.GetRevokeCheckPeriodMillis());
            Assert.Equal(-3, policy.GetSessionCacheMaxSize());
            Assert.Equal(-4, policy.GetSessionCacheExpireMillis());
            BasicExpiringCryptoPolicy.IBuildStep most = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(int.MaxValue)
                .WithRevokeCheckMinutes(int.MaxValue);
            Assert.Throws<ArgumentOutOfRangeException>(most.Build);
        }

        [Fact]
        public void ABuiltPolicyStaysAsItWasBuilt()
        {
            BasicExpiringCryptoPolicy.IBuildStep builder =
                BasicExpiringCryptoPolicy.NewBuilder().WithKeyExpirationDays(1).WithRevokeCheckMinutes(1);
            BasicExpiringCryptoPolicy policy = builder.Build();
            builder.WithCanCacheSessions(true);
            Assert.False(policy.CanCacheSessions());
        }

        [Fact]
        public void NeverExpiredNeverExpires()
        {
            var policy = new NeverExpiredCryptoPolicy();
            Assert.False(policy.IsKeyExpired(DateTimeOffset.MinValue));
            Assert.Equal(long.MaxValue, policy.GetRevokeCheckPeriodMillis());
            Assert.True(policy.CanCacheSystemKeys());
            Assert.True(policy.CanCacheIntermediateKeys());
            Assert.False(policy.CanCacheSessions());
            Assert.True(policy.NotifyExpiredSystemKeyOnRead());
            Assert.True(policy.NotifyExpiredIntermediateKeyOnRead());
            Assert.True(policy.IsInlineKeyRotation());
            Assert.False(policy.IsQueuedKeyRotation());
        }

        [Fact]
        public void TruncationIsToTheMinuteAndTheUsers()
        {
            var time = new DateTimeOffset(2024, 2, 29, 23, 59, 59, 999, TimeSpan.FromHours(2));
            var minute = new DateTimeOffset(2024, 2, 29, 23, 59, 0, TimeSpan.FromHours(2));
            var policy = new NeverExpiredCryptoPolicy();
            Assert.Equal(minute, policy.TruncateToSystemKeyPrecision(time));
            Assert.Equal(minute, policy.TruncateToIntermediateKeyPrecision(time));
            Assert.Equal(minute, policy.TruncateToSystemKeyPrecision(minute));
            Assert.Equal(DateTimeOffset.MaxValue, policy.TruncateToSystemKeyPrecision(DateTimeOffset.MaxValue));
            Assert.Equal(time, new ExactPolicy().TruncateToSystemKeyPrecision(time));
        }

        private sealed class ExactPolicy : NeverExpiredCryptoPolicy
        {
            public override DateTimeOffset TruncateToSystemKeyPrecision(DateTimeOffset dateTimeOffset)
            {
                return dateTimeOffset;
            }
        }
    }
}
