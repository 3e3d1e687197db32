using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Exceptions;
using LanguageExt;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Async
{
    /// <summary>Asynchronous calls that have to ask the metastore.</summary>
    public sealed class WaitingCallTests
    {
        [Fact]
        public async Task NoThreadWaitsForAStoreOfTheLibrary()
        {
            using var server = new SilentServer();
            using SessionFactory factory = server.NewFactory();
            int threads = ThreadPool.ThreadCount;
            Task<byte[]>[] calls = Enumerable.Range(0, 50)
                .Select(i => factory.GetSessionBytes("partition" + i).EncryptAsync(new byte[1]))
                .ToArray();
            Wait.Until(() => server.Connections > 0, "The store is not asked.");

            // Were there a thread to each call, work queued behind them would wait, or have new threads made.
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => { })))
                .WaitAsync(TimeSpan.FromSeconds(30));
            Assert.InRange(ThreadPool.ThreadCount - threads, int.MinValue, 20);
            Assert.All(calls, call => Assert.False(call.IsCompleted));
            server.Dispose();
            foreach (Task<byte[]> call in calls)
            {
                Exception error = await Assert.ThrowsAsync<AppEncryptionException>(
                    () => call.WaitAsync(TimeSpan.FromSeconds(60)));
                Assert.DoesNotContain("pass", error.Message, StringComparison.Ordinal);
            }
        }

        [Fact]
        public async Task MoreCallsThanTheLibraryQueuesAreHeldBackNotRefused()
        {
            using var directory = new TempDirectory();
            using SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithNativeConfiguration(TestSetup.Sqlite(directory.File("keys.db")))
                .WithCryptoPolicy(BasicExpiringCryptoPolicy.NewBuilder()
                    .WithKeyExpirationDays(1)
                    .WithRevokeCheckMinutes(1)
                    .WithCanCacheIntermediateKeys(false)
                    .WithCanCacheSystemKeys(false)
                    .Build())
                .WithStaticKeyManagementService(TestSetup.Key)
                .Build();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            session.Encrypt(new byte[1]);
            byte[][] records = await Task.WhenAll(
                Enumerable.Range(0, 3000).Select(_ => session.EncryptAsync(new byte[1])));
            byte[][] payloads = await Task.WhenAll(records.Select(session.DecryptAsync));
            Assert.All(payloads, payload => Assert.Equal(new byte[1], payload));
        }

        [Fact]
        public async Task FailuresOfWaitingCallsAreThoseOfSynchronousOnes()
        {
            using var directory = new TempDirectory();
            byte[] record;
            using (SessionFactory writer = TestSetup.NewSqliteFactory(directory.File("keys.db")))
            using (Session<byte[], byte[]> session = writer.GetSessionBytes("partition"))
            {
                record = session.Encrypt(TestSetup.Bytes("text"));
            }

            using SessionFactory factory = TestSetup.NewSqliteFactory(directory.File("keys.db"));
            using Session<byte[], byte[]> reader = factory.GetSessionBytes("partition");
            JObject unknown = JObject.Parse(TestSetup.Text(record));
            unknown["Key"]["ParentKeyMeta"]["Created"] = 1;
            var missing = await Assert.ThrowsAsync<MetadataMissingException>(
                () => reader.DecryptAsync(TestSetup.Bytes(unknown.ToString())));
            Assert.StartsWith("Could not find", missing.Message, StringComparison.Ordinal);

            byte[] altered = (byte[])record.Clone();
            TestSetup.Alter(altered);
            await Assert.ThrowsAnyAsync<AppEncryptionException>(() => reader.DecryptAsync(altered));
            Assert.Equal("text", TestSetup.Text(await reader.DecryptAsync(record)));
        }

        [Theory]
        [InlineData(false)]
        [InlineData(true)]
        public async Task AStoreOfTheApplicationIsCalledInTheFlowOfTheCaller(bool decrypt)
        {
            var store = new FlowStore();
            using SessionFactory factory = NewFactory(store);
            byte[] record = null;
            if (decrypt)
            {
                store.Waits = false;
                using SessionFactory writer = NewFactory(store);
                using Session<byte[], byte[]> session = writer.GetSessionBytes("partition");
                record = session.Encrypt(new byte[1]);
            }

            store.Waits = true;
            store.Seen.Clear();
            FlowStore.Flow.Value = "caller";
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                int caller = Environment.CurrentManagedThreadId;
                Task<byte[]> call = decrypt ? session.DecryptAsync(record) : session.EncryptAsync(new byte[1]);
                Assert.False(call.IsCompleted);
                store.MayAnswer.Set();
                await call;
                Assert.NotEmpty(store.Seen);
                Assert.All(store.Seen, seen => Assert.Equal("caller", seen.Flow));
                Assert.All(store.Seen, seen => Assert.NotEqual(caller, seen.Thread));
            }
        }

        [Fact]
        public async Task WhatTheStoreThrowsIsInTheTaskAsItself()
        {
            var store = new FlowStore { Failure = new TimeZoneNotFoundException() };
            store.MayAnswer.Set();
            using SessionFactory factory = NewFactory(store);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Task<byte[]> call = session.EncryptAsync(new byte[1]);
            Assert.Same(store.Failure, await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => call));
        }

        [Fact]
        public async Task WhoStopsWaitingLeavesNothingBehind()
        {
            var store = new FlowStore();
            using SessionFactory factory = NewFactory(store);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            using var source = new CancellationTokenSource();
            Task<byte[]> call = session.EncryptAsync(new byte[1]);
            Task<byte[]> waiter = call.WaitAsync(source.Token);
            source.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
            store.MayAnswer.Set();
            Assert.Equal(new byte[1], session.Decrypt(await call));
        }

        private static SessionFactory NewFactory(IMetastore<JObject> store)
        {
            return SessionFactory.NewBuilder("product", "service")
                .WithMetastore(store)
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(TestSetup.Key)
                .Build();
        }

        /// <summary>A store of the application that answers when it may, and sees what flows to it.</summary>
        private sealed class FlowStore : InMemoryMetastoreImpl<JObject>
        {
            internal static readonly AsyncLocal<string> Flow = new();

            internal ManualResetEventSlim MayAnswer { get; } = new();

            internal Exception Failure { get; set; }

            internal bool Waits { get; set; } = true;

            internal System.Collections.Concurrent.ConcurrentBag<(string Flow, int Thread)> Seen { get; } = new();

            public override Option<JObject> Load(string keyId, DateTimeOffset created)
            {
                See();
                return base.Load(keyId, created);
            }

            public override Option<JObject> LoadLatest(string keyId)
            {
                See();
                return base.LoadLatest(keyId);
            }

            private void See()
            {
                Seen.Add((Flow.Value, Environment.CurrentManagedThreadId));
                if (Waits)
                {
                    Assert.True(MayAnswer.Wait(TimeSpan.FromSeconds(30)));
                }

                if (Failure != null)
                {
                    throw Failure;
                }
            }
        }
    }
}
