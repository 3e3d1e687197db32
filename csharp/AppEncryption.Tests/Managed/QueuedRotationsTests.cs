using System;
using System.Threading;
using GoDaddy.Asherah.AppEncryption.Engines;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>Rotations in the background: one an id, a few at a time, again after a while.</summary>
    public sealed class QueuedRotationsTests
    {
        private long now = 1000;

        [Fact]
        public void OneIdIsRotatedOnceAtATime()
        {
            QueuedRotations rotations = New();
            using var go = new ManualResetEventSlim();
            int calls = 0;
            Assert.True(rotations.Begin("a", () =>
            {
                go.Wait();
                Interlocked.Increment(ref calls);
            }));
            Assert.False(rotations.Begin("a", () => Interlocked.Increment(ref calls)));
            go.Set();
            Wait.Until(() => rotations.Begin("a", () => Interlocked.Increment(ref calls)), "the rotation did not end");
            Wait.Until(() => Volatile.Read(ref calls) == 2, "the rotation was not begun again");
        }

        [Fact]
        public void FewRunAtTheSameTimeAndNoneIsLost()
        {
            QueuedRotations rotations = New();
            using var go = new ManualResetEventSlim();
            int running = 0;
            int most = 0;
            int done = 0;
            for (int i = 0; i < 20; i++)
            {
                Assert.True(rotations.Begin("id " + i, () =>
                {
                    int seen = Interlocked.Increment(ref running);
                    InterlockedMax(ref most, seen);
                    go.Wait();
                    Interlocked.Decrement(ref running);
                    Interlocked.Increment(ref done);
                }));
            }

            Wait.Until(() => Volatile.Read(ref running) == QueuedRotations.MaxWorkers, "no worker came");
            go.Set();
            Wait.Until(() => Volatile.Read(ref done) == 20, "rotations were lost");
            Assert.Equal(QueuedRotations.MaxWorkers, most);
        }

        [Fact]
        public void FailuresAreTriedAgainLaterAndLater()
        {
            QueuedRotations rotations = New();
            int calls = 0;
            foreach (int wait in new[] { 1000, 2000, 4000 })
            {
                int before = calls;
                Assert.True(rotations.Begin("a", Fail));
                Wait.Until(() => Volatile.Read(ref calls) == before + 1, "it was not called");

                Wait.Until(() => rotations.Pending == 0, "it did not end");
                Interlocked.Add(ref now, wait - 1);
                Assert.False(rotations.Begin("a", Fail));
                Interlocked.Add(ref now, 1);
            }

            void Fail()
            {
                Interlocked.Increment(ref calls);
                throw new InvalidOperationException("not now");
            }
        }

        [Fact]
        public void IdsAreBounded()
        {
            QueuedRotations rotations = New();
            int failed = 0;
            for (int i = 0; i < QueuedRotations.MaxIds; i++)
            {
                Assert.True(rotations.Begin("id " + i, () =>
                {
                    Interlocked.Increment(ref failed);
                    throw new InvalidOperationException("not now");
                }));
            }

            Wait.Until(() => Volatile.Read(ref failed) == QueuedRotations.MaxIds, "they were not called");
            Wait.Until(() => rotations.Pending == 0, "they did not end");
            Assert.False(rotations.Begin("one more", () => { }));
            Interlocked.Add(ref now, 1000);
            Assert.True(rotations.Begin("one more", () => { }));
        }

        private static void InterlockedMax(ref int most, int seen)
        {
            int before;
            while (seen > (before = Volatile.Read(ref most)) &&
                Interlocked.CompareExchange(ref most, seen, before) != before)
            {
            }
        }

        private QueuedRotations New()
        {
            return new QueuedRotations(() => Interlocked.Read(ref now));
        }
    }
}
