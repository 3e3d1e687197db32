#if ASHERAH_GUARDS
using System;
using System.Linq;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Tests.Sessions;

namespace GoDaddy.Asherah.AppEncryption.Tests.Guards
{
    /// <summary>What goes wrong with cached partitions without each guard, and not with it.</summary>
    public sealed class SessionGuardTests
    {
        private readonly FakeCore core = new FakeCore();
        private readonly SessionPolicy policy = new SessionPolicy();
        private readonly SessionCache cache;
        private long time;

        public SessionGuardTests()
        {
            cache = new SessionCache(core, policy, null, () => time);
        }

        public static TheoryData<bool> Both => new TheoryData<bool> { true, false };

        [Theory]
        [MemberData(nameof(Both))]
        public void APartitionInUseIsClosed(bool holds)
        {
            using Without guard = Without.Unless(holds, Guarded.Users);
            policy.MaxSize = 1;
            CachedPartition used = cache.Enter("used");
            cache.Enter("other");
            Assert.Equal(holds, Record.Exception(() => used.Core.EncryptBytes(new byte[1])) == null);
        }

        [Theory]
        [MemberData(nameof(Both))]
        public void ASessionThatIsDisposedTwiceClosesThePartitionOfAnother(bool holds)
        {
            using Without guard = Without.Unless(holds, Guarded.LeaveOnce);
            CachedPartition one = cache.Enter("a"), other = cache.Enter("a");
            var session = new BytesSession(new PartitionUse(one.Core, one));
            session.Dispose();
            session.Dispose();
            cache.Dispose();
            Assert.Equal(holds, Record.Exception(() => other.Core.EncryptBytes(new byte[1])) == null);
        }

        /// <summary>One thread finds that the time of a partition is over; another one, which has looked at the clock
        /// before, enters it.</summary>
        [Theory]
        [MemberData(nameof(Both))]
        public void APartitionThatIsEnteredJustBeforeItsEndIsLost(bool holds)
        {
            using Without guard = Without.Unless(holds, Guarded.SecondLook);
            cache.Enter("a").Dispose();
            CachedPartition early = null;
            Guard.Meeting = (place, what) =>
            {
                if (place == Guarded.SecondLook && early == null)
                {
                    time = 99;
                    early = cache.Enter("a");
                }
            };
            time = 100;
            CachedPartition late = cache.Enter("a");
            Assert.Equal(holds, ReferenceEquals(early, late));
            Assert.Equal(holds ? 1 : 2, core.Alive);
            early.Dispose();
            late.Dispose();
            cache.Dispose();

            // What is lost is never closed.
            Assert.Equal(holds ? 0 : 1, core.Alive);
        }

        /// <summary>Between the end of a partition and its removal another one comes in its place.</summary>
        [Theory]
        [MemberData(nameof(Both))]
        public void APartitionThatIsOverTakesAnotherWithIt(bool holds)
        {
            using Without guard = Without.Unless(holds, Guarded.OwnPlace);
            policy.MaxSize = 1;
            cache.Enter("a").Dispose();
            CachedPartition next = null;
            Guard.Meeting = (place, what) =>
            {
                if (place == Guarded.OwnPlace && next == null)
                {
                    next = cache.Enter("a");
                }
            };
            cache.Enter("b");
            Assert.Equal(holds, ReferenceEquals(next, cache.Enter("a")));
            int open = core.Opened.Count(partition => partition.Id == "a" && partition.Disposals == 0);
            Assert.Equal(holds ? 1 : 2, open);
        }
    }
}
#endif
