using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Engines;

namespace GoDaddy.Asherah.AppEncryption.Tests.Sessions
{
    public sealed class SessionCacheTests
    {
        private readonly FakeCore core = new();
        private readonly SessionPolicy policy = new();
        private readonly ErrorLog log = new();
        private readonly SessionCache cache;
        private long time;

        public SessionCacheTests()
        {
            cache = new SessionCache(core, policy, log, () => Volatile.Read(ref time));
        }

        [Fact]
        public void OpenSessionsOfAPartitionShareIt()
        {
            CachedPartition one = cache.Enter("a");
            Assert.Same(one, cache.Enter("a"));
            Assert.NotSame(one, cache.Enter("A"));
            Assert.Equal(2, core.Opened.Count);
        }

        [Fact]
        public void TheNextSessionGetsItToo()
        {
            CachedPartition one = cache.Enter("a");
            one.Dispose();
            Assert.Same(one, cache.Enter("a"));
            Assert.Equal(1, core.Alive);
        }

        [Fact]
        public void ItExpiresAfterItsLastUse()
        {
            CachedPartition one = cache.Enter("a");
            one.Dispose();
            time = 99;
            Assert.Same(one, cache.Enter("a"));
            time = 150;
            one.Dispose();
            time = 249;
            Assert.Same(one, cache.Enter("a"));
            one.Dispose();
            time = 349;
            CachedPartition other = cache.Enter("a");
            Assert.NotSame(one, other);
            Assert.Equal(1, ((FakeCore.Partition)one.Core).Disposals);
            Assert.Equal(0, ((FakeCore.Partition)other.Core).Disposals);
            Assert.Equal(1, cache.Count);
        }

        [Fact]
        public void ItDoesNotExpireInUse()
        {
            CachedPartition one = cache.Enter("a");
            CachedPartition again = cache.Enter("a");
            again.Dispose();
            time = 1_000_000;
            Assert.Same(one, cache.Enter("a"));
            Assert.Equal(1, core.Alive);
        }

        [Fact]
        public void TheTimeIsThatOfThePolicyWhenTheLastSessionCloses()
        {
            CachedPartition one = cache.Enter("a");
            policy.ExpireMillis = () => 1000;
            one.Dispose();
            policy.ExpireMillis = () => 1;
            time = 999;
            Assert.Same(one, cache.Enter("a"));
        }

        [Fact]
        public void AFullCacheDropsWhatIsUnusedAndNothingElse()
        {
            policy.MaxSize = 3;
            CachedPartition used = cache.Enter("used");
            cache.Enter("a").Dispose();
            cache.Enter("b").Dispose();
            Assert.Equal(3, core.Alive);
            cache.Enter("c");
            Assert.Equal(2, core.Alive);
            Assert.Equal(0, ((FakeCore.Partition)used.Core).Disposals);
            cache.Enter("d");
            cache.Enter("e");
            Assert.Equal(4, core.Alive);
            Assert.Same(used, cache.Enter("used"));
        }

        [Fact]
        public void TheSizeIsThatOfThePolicyWhenOneIsAdded()
        {
            cache.Enter("a").Dispose();
            cache.Enter("b").Dispose();
            policy.MaxSize = 2;
            cache.Enter("c").Dispose();
            Assert.Equal(1, core.Alive);
        }

        [Theory]
        [InlineData(0)]
        [InlineData(-1)]
        [InlineData(long.MinValue)]
        public void ABadTimeIsLoggedNotThrown(long millis)
        {
            policy.ExpireMillis = () => millis;
            CachedPartition one = cache.Enter("a");
            one.Dispose();
            (string message, Exception exception) = Assert.Single(log.Errors);
            Assert.Equal("unexpected exception during close", message);
            Assert.Contains(millis.ToString(), exception.Message, StringComparison.Ordinal);
            time = long.MaxValue / 2;
            Assert.Same(one, cache.Enter("a"));
        }

        [Fact]
        public void APolicyThatThrowsIsLogged()
        {
            var thrown = new TimeZoneNotFoundException();
            policy.ExpireMillis = () => throw thrown;
            cache.Enter("a").Dispose();
            Assert.Same(thrown, Assert.Single(log.Errors).Exception);
        }

        [Fact]
        public void ItIsNotUnusedBeforeItsTimeIsKnown()
        {
            CachedPartition one = cache.Enter("a"), again = null;
            policy.ExpireMillis = () =>
            {
                // Another thread comes while the last session is being closed.
                policy.ExpireMillis = () => 100;
                again = cache.Enter("a");
                return 100;
            };
            one.Dispose();
            Assert.Same(one, again);
            Assert.Equal(1, core.Alive);
        }

        [Fact]
        public void ATimeWithoutEndNeverComes()
        {
            time = 5;
            policy.ExpireMillis = () => long.MaxValue;
            CachedPartition one = cache.Enter("a");
            one.Dispose();
            time = long.MaxValue / 2;
            Assert.Same(one, cache.Enter("a"));
            Assert.Empty(log.Errors);
        }

        [Fact]
        public void WhatNobodyAsksForGoesTooInTheEnd()
        {
            cache.Enter("a").Dispose();
            CachedPartition used = cache.Enter("used");
            time = SessionCache.SweepInterval;
            cache.Enter("b");
            Wait.Until(() => core.Alive == 2, "The unused partition stays open.");
            Assert.Equal(0, ((FakeCore.Partition)used.Core).Disposals);
        }

        [Fact]
        public void DisposeClosesTheUnusedAtOnceAndTheUsedLater()
        {
            cache.Enter("unused").Dispose();
            CachedPartition used = cache.Enter("used");
            cache.Enter("used");
            cache.Dispose();
            cache.Dispose();
            Assert.Equal("used", Assert.Single(core.Opened, partition => partition.Disposals == 0).Id);
            Assert.Throws<ObjectDisposedException>(() => cache.Enter("used"));
            Assert.Throws<ObjectDisposedException>(() => cache.Enter("unused"));
            used.Dispose();
            Assert.Equal(1, core.Alive);
            used.Dispose();
            Assert.Equal(0, core.Alive);
            Assert.All(core.Opened, partition => Assert.Equal(1, partition.Disposals));
            Assert.Equal(0, cache.Count);
        }

        [Fact]
        public void AFailureToCloseIsLogged()
        {
            core.OnDispose = new TimeZoneNotFoundException();
            cache.Enter("a").Dispose();
            cache.Dispose();
            Assert.Same(core.OnDispose, Assert.Single(log.Errors).Exception);
        }

        [Fact]
        public void WhatIsInUseIsNeverClosedUnderLoad()
        {
            policy.MaxSize = 2;
            policy.ExpireMillis = () => 1;
            var payload = new byte[1];
            Parallel.For(0, 4, thread =>
            {
                var random = new Random(thread);
                for (int i = 0; i < 20_000; i++)
                {
                    Interlocked.Increment(ref time);
                    using CachedPartition partition = cache.Enter("partition" + random.Next(4));
                    Assert.Same(payload, partition.Core.EncryptBytes(payload));
                }
            });
            cache.Dispose();
            Assert.All(core.Opened, partition => Assert.Equal(1, partition.Disposals));
            Assert.InRange(core.Opened.Count(), 5, 80_000);
        }
    }
}
