using System;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Tests.Callbacks;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Tests.Policies
{
    /// <summary>Policies that an application has written: each answer counts from the next decision on.</summary>
    public sealed class LivePolicyTests
    {
        private static readonly string[] NoCalls = Array.Empty<string>();

        private readonly MapMetastore store = new MapMetastore();
        private readonly MovablePolicy policy = new MovablePolicy();

        [Fact]
        public void AnExpiredKeyIsReplacedAtOnce()
        {
            using SessionFactory factory = NewFactory();
            byte[] old = Hosted.Encrypt(factory);
            store.TakeCalls();
            long created = Hosted.KeyCreated(old);
            policy.Expired = key => key.ToUnixTimeSeconds() <= created;
            byte[] next = Hosted.Encrypt(factory);
            Assert.True(Hosted.KeyCreated(next) > created);
            Assert.Contains("Store IK", store.TakeCalls());
            Assert.Equal("payload", Hosted.Decrypt(factory, old));
            Assert.Equal("payload", Hosted.Decrypt(factory, next));
        }

        [Fact]
        public void RevocationIsLookedForAsOftenAsThePolicySays()
        {
            using SessionFactory factory = NewFactory();
            Hosted.Encrypt(factory);
            store.TakeCalls();
            Hosted.Encrypt(factory);
            Assert.Equal(NoCalls, store.TakeCalls());
            foreach (long always in new[] { 0L, -1, long.MinValue })
            {
                policy.RevokeCheckMillis = always;
                Hosted.Encrypt(factory);
                Assert.Contains("LoadLatest IK", store.TakeCalls());
            }

            policy.RevokeCheckMillis = long.MaxValue;
            Hosted.Encrypt(factory);
            store.TakeCalls();
            Hosted.Encrypt(factory);
            Assert.Equal(NoCalls, store.TakeCalls());
        }

        [Fact]
        public void KeysAreCachedWhileThePolicySaysSo()
        {
            using SessionFactory factory = NewFactory();
            byte[] record = Hosted.Encrypt(factory);
            store.TakeCalls();
            policy.CacheIntermediateKeys = false;
            Hosted.Decrypt(factory, record);
            Assert.Equal(new[] { "Load IK" }, store.TakeCalls());
            policy.CacheSystemKeys = false;
            Hosted.Decrypt(factory, record);
            Assert.Equal(new[] { "Load IK", "Load SK" }, store.TakeCalls());
            policy.CacheSystemKeys = policy.CacheIntermediateKeys = true;
            Hosted.Decrypt(factory, record);
            store.TakeCalls();
            Hosted.Decrypt(factory, record);
            Assert.Equal(NoCalls, store.TakeCalls());
        }

        [Fact]
        public void AQueuedRotationUsesTheOldKeyAndMakesTheNewOne()
        {
            policy.Age = TimeSpan.FromDays(3);
            byte[] old;
            using (SessionFactory factory = NewFactory())
            {
                old = Hosted.Encrypt(factory);
            }

            policy.Age = TimeSpan.Zero;
            policy.Strategy = CryptoPolicy.KeyRotationStrategy.Queued;
            policy.Expired = key => DateTimeOffset.UtcNow - key > TimeSpan.FromDays(1);
            using (SessionFactory factory = NewFactory())
            {
                Wait.Until(
                    () => Hosted.KeyCreated(Hosted.Encrypt(factory)) > Hosted.KeyCreated(old), "there is no new key");
                Assert.Equal("payload", Hosted.Decrypt(factory, old));
            }
        }

        [Fact]
        public void TheTimeOfANewKeyIsRoundedByThePolicy()
        {
            policy.Age = TimeSpan.FromDays(3);
            using SessionFactory factory = NewFactory();
            long created = Hosted.KeyCreated(Hosted.Encrypt(factory));
            Assert.Equal(0, created % 60);
            Assert.InRange(
                DateTimeOffset.UtcNow.ToUnixTimeSeconds() - created, 3 * 86400, (3 * 86400) + 120);
        }

        [Fact]
        public void WhatAPolicyThrowsComesBackAsItself()
        {
            using SessionFactory factory = NewFactory();
            Hosted.Encrypt(factory);
            var thrown = new TimeoutException("mine");
            policy.Expired = key => throw thrown;
            Assert.Same(thrown, Assert.Throws<TimeoutException>(() => Hosted.Encrypt(factory)));
            policy.Expired = key => false;
            Hosted.Encrypt(factory);
        }

        [Fact]
        public void OnlyOtherPoliciesThanOursAreAsked()
        {
            Assert.False(HostPolicy.IsAsked(new NeverExpiredCryptoPolicy()));
            Assert.False(HostPolicy.IsAsked(NewBasic(1, 1)));
            Assert.True(HostPolicy.IsAsked(NewBasic(0, 1)));
            Assert.True(HostPolicy.IsAsked(NewBasic(1, -1)));
            Assert.True(HostPolicy.IsAsked(new Derived()));
            Assert.True(HostPolicy.IsAsked(policy));
        }

        [Fact]
        public void ADerivedPolicyIsAsked()
        {
            using SessionFactory factory = Hosted.NewFactory(store, new Derived());
            Hosted.Encrypt(factory);
            store.TakeCalls();
            Hosted.Encrypt(factory);
            Assert.Contains("LoadLatest IK", store.TakeCalls());
        }

        [Theory]
        [InlineData(-1, 30)]
        [InlineData(0, 30)]
        public void WithoutALifetimeKeysAreReplaced(int days, int minutes)
        {
            using SessionFactory factory = Hosted.NewFactory(store, NewBasic(days, minutes));
            byte[] record = Hosted.Encrypt(factory);
            Wait.Until(
                () => Hosted.KeyCreated(Hosted.Encrypt(factory)) > Hosted.KeyCreated(record), "there is no new key");
            Assert.Equal("payload", Hosted.Decrypt(factory, record));
        }

        private static BasicExpiringCryptoPolicy NewBasic(int days, int minutes)
        {
            return BasicExpiringCryptoPolicy.NewBuilder()
                .WithKeyExpirationDays(days)
                .WithRevokeCheckMinutes(minutes)
                .Build();
        }

        private SessionFactory NewFactory()
        {
            return Hosted.NewFactory(store, policy);
        }

        private sealed class Derived : NeverExpiredCryptoPolicy
        {
            public override long GetRevokeCheckPeriodMillis()
            {
                return 0;
            }
        }
    }
}
