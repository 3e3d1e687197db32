using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Tests.Callbacks
{
    public sealed class HostExceptionTests
    {
        [Theory]
        [InlineData("LoadLatest", "_IK")]
        [InlineData("LoadLatest", "_SK")]
        public async Task WhatALookThrowsComesBackAsItself(string method, string level)
        {
            var store = new MapMetastore();
            using SessionFactory factory = Hosted.NewFactory(store);
            var thrown = new TimeoutException("mine");
            store.Before = ThrowIn(method, level, thrown);
            var error = Assert.Throws<TimeoutException>(() => Hosted.Encrypt(factory));
            Assert.Same(thrown, error);
            Assert.Contains(nameof(ThrowHere), error.StackTrace, StringComparison.Ordinal);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Same(thrown, await Assert.ThrowsAsync<TimeoutException>(() => session.EncryptAsync(new byte[1])));
            store.Before = null;
            Hosted.Encrypt(factory);
        }

        [Theory]
        [InlineData("_IK")]
        [InlineData("_SK")]
        public void WhatLoadThrowsComesBackAsItself(string level)
        {
            var store = new MapMetastore();
            byte[] record;
            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                record = Hosted.Encrypt(factory);
            }

            using (SessionFactory factory = Hosted.NewFactory(store))
            {
                var thrown = new InvalidOperationException("mine");
                store.Before = ThrowIn("Load", level, thrown);
                Assert.Same(thrown, Assert.Throws<InvalidOperationException>(() => Hosted.Decrypt(factory, record)));
            }
        }

        [Fact]
        public void WhatStoreThrowsIsWrappedAsInCanonicalAsherah()
        {
            var thrown = new TimeoutException("mine");
            var store = new MapMetastore { Before = ThrowIn("Store", "_IK", thrown) };
            using SessionFactory factory = Hosted.NewFactory(store);
            var error = Assert.Throws<AppEncryptionException>(() => Hosted.Encrypt(factory));
            Assert.Equal("Unable to store new Intermediate Key", error.Message);
            Assert.Same(thrown, error.InnerException);

            store = new MapMetastore { Before = ThrowIn("Store", "_SK", thrown) };
            using SessionFactory second = Hosted.NewFactory(store);
            error = Assert.Throws<AppEncryptionException>(() => Hosted.Encrypt(second));
            Assert.Equal("Unable to store new Intermediate Key", error.Message);
            error = Assert.IsType<AppEncryptionException>(error.InnerException);
            Assert.Equal("Unable to store new System Key", error.Message);
            Assert.Same(thrown, error.InnerException);
            Assert.Contains(nameof(ThrowHere), thrown.StackTrace, StringComparison.Ordinal);
        }

        [Fact]
        public void WhatTheSuffixThrowsComesFromBuild()
        {
            int before = HostReference.Count;
            var thrown = new TimeoutException("mine");
            var store = new MapMetastore { Before = ThrowIn("GetKeySuffix", string.Empty, thrown) };
            Assert.Same(thrown, Assert.Throws<TimeoutException>(() => Hosted.NewFactory(store)));
            Assert.Equal(before, HostReference.Count);
        }

        [Fact]
        public void CallsThatWaitForOneLoadGetWhatItThrew()
        {
            const int Threads = 4;
            var store = new MapMetastore();
            using SessionFactory factory = Hosted.NewFactory(store);
            var thrown = new ConcurrentBag<Exception>();
            store.Before = (method, id) =>
            {
                var mine = new TimeoutException("mine");
                thrown.Add(mine);
                Thread.Sleep(20);
                ThrowHere(mine);
            };
            var errors = new Exception[Threads];
            var threads = new Thread[Threads];
            for (int t = 0; t < Threads; t++)
            {
                int mine = t;
                threads[t] = new Thread(() => errors[mine] = Record.Exception(() => Hosted.Encrypt(factory)));
                threads[t].Start();
            }

            Array.ForEach(threads, thread => thread.Join());
            Assert.All(errors, error => Assert.Contains(error, thrown));
        }

        [Fact]
        public void AStatusStandsForItsExceptionOnEveryThreadForAWhile()
        {
            int[] statuses = Enumerable.Range(0, HostExceptions.Capacity)
                .Select(i => HostExceptions.Keep(new TimeoutException(i.ToString())))
                .ToArray();
            Assert.All(statuses, status => Assert.True(status < Native.HostStatus));
            Assert.Equal(statuses.Length, statuses.Distinct().Count());
            for (int i = 0; i < statuses.Length; i++)
            {
                var error = Assert.Throws<TimeoutException>(() => HostExceptions.Throw(statuses[i]));
                Assert.Equal(i.ToString(), error.Message);
            }

            HostExceptions.Keep(new InvalidOperationException());
            HostExceptions.Throw(statuses[0]);
            HostExceptions.Throw(Status.Metastore);
        }

        [Fact]
        public void TheThreadThatThrewFindsItsExceptionHoweverManyOthersThrow()
        {
            int status = HostExceptions.Keep(new TimeoutException());
            var others = new Thread(() =>
            {
                for (int i = 0; i < 2 * HostExceptions.Capacity; i++)
                {
                    HostExceptions.Keep(new InvalidOperationException());
                }
            });
            others.Start();
            others.Join();
            Assert.Throws<TimeoutException>(() => HostExceptions.Throw(status));
        }

        internal static Action<string, string> ThrowIn(string method, string level, Exception thrown)
        {
            return (asked, id) =>
            {
                if (asked == method && id.StartsWith(level, StringComparison.Ordinal))
                {
                    ThrowHere(thrown);
                }
            };
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void ThrowHere(Exception thrown)
        {
            throw thrown;
        }
    }
}
