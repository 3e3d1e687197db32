using System;
using System.Collections.Concurrent;
using System.Threading;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    public sealed class ConcurrencyTests
    {
        private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

        [Fact]
        public void SixtyFourThreadsOnOneFactory()
        {
            using SessionFactory factory = TestSetup.NewFactory();
            using Session<byte[], byte[]> shared = factory.GetSessionBytes("shared");
            long calls = 0;
            Run(64, (thread, random) =>
            {
                byte[] payload = new byte[random.Next(4096)];
                random.NextBytes(payload);
                if (random.Next(2) == 0)
                {
                    Assert.Equal(payload, shared.Decrypt(shared.Encrypt(payload)));
                }
                else
                {
                    using Session<byte[], byte[]> own = factory.GetSessionBytes("partition" + random.Next(100));
                    Assert.Equal(payload, own.Decrypt(own.Encrypt(payload)));
                }

                Interlocked.Increment(ref calls);
            });
            Assert.True(calls > 1000, calls + " round trips");
        }

        [Fact]
        public void DisposeRacesEncrypt()
        {
            using SessionFactory factory = TestSetup.NewFactory();
            Session<byte[], byte[]> current = factory.GetSessionBytes("partition");
            long disposed = 0;
            long done = 0;
            Run(8, (thread, random) =>
            {
                if (thread == 0)
                {
                    Interlocked.Exchange(ref current, factory.GetSessionBytes("partition")).Dispose();
                    return;
                }

                Session<byte[], byte[]> session = Volatile.Read(ref current);
                byte[] payload = TestSetup.Bytes("text " + random.Next());
                try
                {
                    Assert.Equal(payload, session.Decrypt(session.Encrypt(payload)));
                    Interlocked.Increment(ref done);
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Increment(ref disposed);
                }
            });
            current.Dispose();
            Assert.True(done > 100 && disposed > 0, done + " done, " + disposed + " disposed");
        }

        [Fact]
        public void FactoriesComeAndGoUnderUse()
        {
            SessionFactory current = TestSetup.NewFactory();
            long done = 0;
            Run(8, (thread, random) =>
            {
                if (thread == 0)
                {
                    Thread.Sleep(1);
                    Interlocked.Exchange(ref current, TestSetup.NewFactory()).Dispose();
                    return;
                }

                try
                {
                    using Session<byte[], byte[]> session = Volatile.Read(ref current).GetSessionBytes("p" + thread);
                    byte[] payload = TestSetup.Pattern(random.Next(200));
                    Assert.Equal(payload, session.Decrypt(session.Encrypt(payload)));
                    Interlocked.Increment(ref done);
                }
                catch (ObjectDisposedException)
                {
                }
            });
            current.Dispose();
            Assert.True(done > 100, done + " done");
        }

        [Fact]
        public void SessionsLeftToTheFinaliserAreFreed()
        {
            using SessionFactory factory = TestSetup.NewFactory();
            long before = Statistics.OpenSessions();
            OpenAndForget(factory, 1000);
            Assert.True(Statistics.OpenSessions() > before);
            Wait.Until(
                () =>
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    return Statistics.OpenSessions() <= before;
                },
                "the finaliser has not freed the sessions");
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        private static void OpenAndForget(SessionFactory factory, int count)
        {
            for (int i = 0; i < count; i++)
            {
                factory.GetSessionBytes("partition" + i).Encrypt(new byte[1]);
            }
        }

        // Threads run the action over and over, and the first failure ends all.
        private static void Run(int count, Action<int, Random> action)
        {
            var failures = new ConcurrentQueue<Exception>();
            var threads = new Thread[count];
            long end = Environment.TickCount64 + (long)Duration.TotalMilliseconds;
            for (int i = 0; i < count; i++)
            {
                int number = i;
                threads[i] = new Thread(() =>
                {
                    var random = new Random(number);
                    try
                    {
                        while (Environment.TickCount64 < end && failures.IsEmpty)
                        {
                            action(number, random);
                        }
                    }
                    catch (Exception e)
                    {
                        failures.Enqueue(e);
                    }
                });
                threads[i].Start();
            }

            Array.ForEach(threads, thread => thread.Join());
            Assert.Empty(failures);
        }
    }
}
