using System;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    public sealed class PolicyTests
    {
        [Fact]
        public void NeverExpired()
        {
            var policy = new NeverExpiredCryptoPolicy();
            Assert.False(policy.IsKeyExpired(DateTimeOffset.MinValue));
            Assert.Equal(long.MaxValue, policy.GetRevokeCheckPeriodMillis());
            Assert.True(policy.CanCacheSystemKeys());
            Assert.True(policy.CanCacheIntermediateKeys());
            Assert.False(policy.CanCacheSessions());
            Assert.True(policy.NotifyExpiredIntermediateKeyOnRead());
            Assert.True(policy.NotifyExpiredSystemKeyOnRead());
            Assert.True(policy.IsInlineKeyRotation());
            Assert.False(policy.IsQueuedKeyRotation());
        }

        [Fact]
        public void BasicExpiringHasTheCanonicalDefaults()
        {
            BasicExpiringCryptoPolicy policy = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(2)
                .WithRevokeCheckMinutes(30)
                .Build();
            Assert.Equal(1_800_000, policy.GetRevokeCheckPeriodMillis());
            Assert.True(policy.CanCacheSystemKeys());
            Assert.True(policy.CanCacheIntermediateKeys());
            Assert.False(policy.CanCacheSessions());
            Assert.Equal(1000, policy.GetSessionCacheMaxSize());
            Assert.Equal(120_000, policy.GetSessionCacheExpireMillis());
            Assert.False(policy.NotifyExpiredIntermediateKeyOnRead());
            Assert.False(policy.NotifyExpiredSystemKeyOnRead());
            Assert.Equal(CryptoPolicy.KeyRotationStrategy.Inline, policy.GetKeyRotationStrategy());
            Assert.False(policy.IsKeyExpired(DateTimeOffset.UtcNow.AddDays(-2).AddMinutes(1)));
            Assert.True(policy.IsKeyExpired(DateTimeOffset.UtcNow.AddDays(-2).AddMinutes(-1)));
            Assert.True(policy.IsKeyExpired(DateTimeOffset.MinValue));
            Assert.False(policy.IsKeyExpired(DateTimeOffset.MaxValue));
        }

        [Fact]
        public void EveryOptionIsKept()
        {
            BasicExpiringCryptoPolicy policy = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(1)
                .WithRevokeCheckMinutes(1)
                .WithRotationStrategy(CryptoPolicy.KeyRotationStrategy.Queued)
                .WithCanCacheSystemKeys(false)
                .WithCanCacheIntermediateKeys(false)
                .WithCanCacheSessions(true)
                .WithSessionCacheMaxSize(7)
                .WithSessionCacheExpireMillis(8)
                .WithNotifyExpiredSystemKeyOnRead(true)
                .WithNotifyExpiredIntermediateKeyOnRead(true)
                .Build();
            Assert.True(policy.IsQueuedKeyRotation());
            Assert.False(policy.IsInlineKeyRotation());
            Assert.False(policy.CanCacheSystemKeys());
            Assert.False(policy.CanCacheIntermediateKeys());
            Assert.True(policy.CanCacheSessions());
            Assert.Equal(7, policy.GetSessionCacheMaxSize());
            Assert.Equal(8, policy.GetSessionCacheExpireMillis());
            Assert.True(policy.NotifyExpiredSystemKeyOnRead());
            Assert.True(policy.NotifyExpiredIntermediateKeyOnRead());
        }

        [Fact]
        public void APolicyDoesNotFollowItsBuilder()
        {
            BasicExpiringCryptoPolicy.IBuildStep builder = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(1)
                .WithRevokeCheckMinutes(1);
            BasicExpiringCryptoPolicy policy = builder.Build();
            builder.WithCanCacheSessions(true);
            Assert.False(policy.CanCacheSessions());
        }

        [Fact]
        public void NegativeNumbersAreTakenAndTooLargeOnesRefused()
        {
            BasicExpiringCryptoPolicy policy = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(-1)
                .WithRevokeCheckMinutes(-1)
                .Build();
            Assert.True(policy.IsKeyExpired(DateTimeOffset.UtcNow));
            Assert.Equal(-60_000, policy.GetRevokeCheckPeriodMillis());
            BasicExpiringCryptoPolicy.IBuildStep largest = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(int.MaxValue)
                .WithRevokeCheckMinutes(int.MaxValue);
            Assert.Throws<ArgumentOutOfRangeException>(() => largest.Build());
        }

        [Fact]
        public void CreationTimesAreRoundedDownToTheMinute()
        {
            var time = new DateTimeOffset(2024, 2, 29, 23, 59, 59, 999, TimeSpan.FromHours(2));
            var minute = new DateTimeOffset(2024, 2, 29, 23, 59, 0, TimeSpan.FromHours(2));
            var policy = new NeverExpiredCryptoPolicy();
            Assert.Equal(minute, policy.TruncateToSystemKeyPrecision(time));
            Assert.Equal(minute, policy.TruncateToIntermediateKeyPrecision(time));
            Assert.Equal(minute, policy.TruncateToSystemKeyPrecision(minute));
        }
    }
}
