using System;
using System.Threading;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.Crypto.Exceptions;

namespace GoDaddy.Asherah.AppEncryption.Tests.Callbacks
{
    public sealed class StormTests
    {
        [Fact]
        public void CallbacksThatThrowAtRandomLeaveNothing()
        {
            const int Threads = 4, Rounds = 60;
            var store = new MapMetastore();
            var random = new Random(7);
            store.Before = (method, id) =>
            {
                int dice;
                lock (random)
                {
                    dice = random.Next(3);
                }

                if (dice == 0)
                {
                    throw new TimeoutException("mine");
                }
            };
            Exception unexpected = null;
            int succeeded = 0, failed = 0;
            var threads = new Thread[Threads];
            for (int t = 0; t < Threads; t++)
            {
                string partition = "partition" + (t % 2);
                threads[t] = new Thread(() =>
                {
                    for (int i = 0; i < Rounds; i++)
                    {
                        try
                        {
                            using SessionFactory factory = Hosted.NewFactory(store, new MovablePolicy());
                            Hosted.Decrypt(factory, Hosted.Encrypt(factory, partition), partition);
                            Interlocked.Increment(ref succeeded);
                        }
                        catch (Exception e) when (IsExpected(e))
                        {
                            Interlocked.Increment(ref failed);
                        }
                        catch (Exception e)
                        {
                            unexpected = e;
                        }

                        if (i % 20 == 0)
                        {
                            GC.Collect();
                        }
                    }
                });
            }

            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Assert.Null(unexpected);
            Assert.True(succeeded > 0 && failed > 0, succeeded + " succeeded, " + failed + " failed");
            Hosted.ExpectNothingLeft();
        }

        private static bool IsExpected(Exception e)
        {
            return e is TimeoutException || (e is AppEncryptionException && e.GetBaseException() is TimeoutException);
        }
    }
}
