using System;
using GoDaddy.Asherah.AppEncryption;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.ExtensionMethods;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>The policies and one of the user.</summary>
    internal static class Policies
    {
        internal static void Run()
        {
            CryptoPolicy never = new NeverExpiredCryptoPolicy();
            Expect.True(!never.IsKeyExpired(DateTimeOffset.UnixEpoch));
            Expect.True(never.IsInlineKeyRotation() && !never.IsQueuedKeyRotation());
            Expect.True(never.CanCacheIntermediateKeys() && never.CanCacheSystemKeys() && !never.CanCacheSessions());

            BasicExpiringCryptoPolicy basic = BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(1)
                .WithRevokeCheckMinutes(2)
                .WithRotationStrategy(CryptoPolicy.KeyRotationStrategy.Queued)
                .WithCanCacheIntermediateKeys(false)
                .WithCanCacheSystemKeys(false)
                .WithCanCacheSessions(true)
                .WithSessionCacheMaxSize(3)
                .WithSessionCacheExpireMillis(4)
                .WithNotifyExpiredIntermediateKeyOnRead(true)
                .WithNotifyExpiredSystemKeyOnRead(true)
                .Build();
            Expect.True(basic.IsKeyExpired(DateTimeOffset.UtcNow.AddDays(-2)));
            Expect.True(basic.IsQueuedKeyRotation());
            Expect.Same(120_000L, basic.GetRevokeCheckPeriodMillis());
            Expect.Same(3L, basic.GetSessionCacheMaxSize());
            Expect.Same(4L, basic.GetSessionCacheExpireMillis());
            Expect.True(basic.NotifyExpiredIntermediateKeyOnRead() && basic.NotifyExpiredSystemKeyOnRead());

            var time = new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);
            Expect.Same(time.AddSeconds(-5), basic.TruncateToSystemKeyPrecision(time));
            Expect.Same(time.AddSeconds(-5), basic.TruncateToIntermediateKeyPrecision(time));
            Expect.Same(time.AddMinutes(-4).AddSeconds(-5), time.Truncate(TimeSpan.FromHours(1)));

            var own = new OwnPolicy();
            using SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithCryptoPolicy(own)
                .WithStaticKeyManagementService(Sessions.Key)
                .Build();
            Sessions.RoundTrips(factory);
            Expect.True(own.Asked > 0);
        }

        private sealed class OwnPolicy : CryptoPolicy
        {
            internal int Asked { get; private set; }

            public override bool IsKeyExpired(DateTimeOffset keyCreationDate)
            {
                Asked++;
                return false;
            }

            public override long GetRevokeCheckPeriodMillis()
            {
                return 60_000;
            }

            public override bool CanCacheSystemKeys()
            {
                return true;
            }

            public override bool CanCacheIntermediateKeys()
            {
                return true;
            }

            public override bool CanCacheSessions()
            {
                return false;
            }

            public override long GetSessionCacheMaxSize()
            {
                return 10;
            }

            public override long GetSessionCacheExpireMillis()
            {
                return 10_000;
            }

            public override bool NotifyExpiredIntermediateKeyOnRead()
            {
                return false;
            }

            public override bool NotifyExpiredSystemKeyOnRead()
            {
                return false;
            }

            public override KeyRotationStrategy GetKeyRotationStrategy()
            {
                return KeyRotationStrategy.Inline;
            }
        }
    }
}
