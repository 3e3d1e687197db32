using System;

namespace GoDaddy.Asherah.AppEncryption.Tests.Sessions
{
    /// <summary>Sessions and factories at their end.</summary>
    public sealed class SessionLifeTests
    {
        private readonly FakeCore core = new();
        private readonly SessionPolicy policy = new();
        private readonly ErrorLog log = new();

        [Fact]
        public void AllFormsShareAPartition()
        {
            using SessionFactory factory = NewFactory();
            using var one = factory.GetSessionBytes("a");
            using var two = factory.GetSessionJson("a");
            using var three = factory.GetSessionBytesAsJson("a");
            using var four = factory.GetSessionJsonAsJson("a");
            Assert.Single(core.Opened);
        }

        [Fact]
        public void ASecondDisposeDoesNotCount()
        {
            policy.MaxSize = 1;
            using SessionFactory factory = NewFactory();
            Session<byte[], byte[]> closed = factory.GetSessionBytes("a");
            using Session<byte[], byte[]> open = factory.GetSessionBytes("a");
            closed.Dispose();
            closed.Dispose();
            using Session<byte[], byte[]> other = factory.GetSessionBytes("b");
            Assert.Equal(2, core.Alive);
            Assert.NotNull(open.Encrypt(new byte[1]));
        }

        [Fact]
        public void ACachedSessionWorksAfterItsDispose()
        {
            using SessionFactory factory = NewFactory();
            Session<byte[], byte[]> session = factory.GetSessionBytes("a");
            session.Dispose();
            Assert.NotNull(session.Encrypt(new byte[1]));
        }

        [Fact]
        public void AnUncachedOneDoesNot()
        {
            policy.Caches = false;
            using SessionFactory factory = NewFactory();
            Session<byte[], byte[]> session = factory.GetSessionBytes("a");
            session.Dispose();
            session.Dispose();
            Assert.Equal(1, Assert.Single(core.Opened).Disposals);
            Assert.Throws<ObjectDisposedException>(() => session.Encrypt(new byte[1]));
        }

        [Fact]
        public void ThePolicyIsAskedEachTimeWhetherToCache()
        {
            using SessionFactory factory = NewFactory();
            using Session<byte[], byte[]> cached = factory.GetSessionBytes("a");
            policy.Caches = false;
            using Session<byte[], byte[]> uncached = factory.GetSessionBytes("a");
            Assert.Equal(2, core.Opened.Count);
            policy.Caches = true;
            using Session<byte[], byte[]> again = factory.GetSessionBytes("a");
            Assert.Equal(2, core.Opened.Count);
        }

        [Theory]
        [InlineData(true)]
        [InlineData(false)]
        public void OpenSessionsOutliveTheFactory(bool cached)
        {
            policy.Caches = cached;
            SessionFactory factory = NewFactory();
            Session<byte[], byte[]> session = factory.GetSessionBytes("a");
            factory.Dispose();
            factory.Dispose();
            Assert.True(core.Disposed);
            Assert.NotNull(session.Encrypt(new byte[1]));
            Assert.Throws<ObjectDisposedException>(() => factory.GetSessionBytes("a"));
            Assert.Throws<ObjectDisposedException>(() => factory.GetSessionBytes("b"));
            session.Dispose();
            Assert.Equal(0, core.Alive);
            Assert.Throws<ObjectDisposedException>(() => session.Encrypt(new byte[1]));
        }

        [Fact]
        public void AnEngineThatFailsToCloseIsLogged()
        {
            core.OnDispose = new TimeZoneNotFoundException();
            NewFactory().Dispose();
            (string message, Exception exception) = Assert.Single(log.Errors);
            Assert.Equal("unexpected exception during close", message);
            Assert.Same(core.OnDispose, exception);
        }

        [Fact]
        public void WithoutALoggerNothingIsThrownEither()
        {
            core.OnDispose = new TimeZoneNotFoundException();
            policy.ExpireMillis = () => 0;
            var factory = new SessionFactory(core, policy, null);
            factory.GetSessionBytes("a").Dispose();
            factory.Dispose();
            Assert.Equal(0, core.Alive);
        }

        [Fact]
        public void NativeSessionsAreCachedAndCounted()
        {
            SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithCryptoPolicy(policy)
                .WithStaticKeyManagementService(TestSetup.Key)
                .Build();
            policy.ExpireMillis = () => 100_000;
            long before = Statistics.OpenSessions();
            for (int i = 0; i < 10; i++)
            {
                using Session<byte[], byte[]> session = factory.GetSessionBytes("partition" + (i % 2));
                Assert.Equal("text", TestSetup.Text(session.Decrypt(session.Encrypt(TestSetup.Bytes("text")))));
            }

            Assert.Equal(before + 2, Statistics.OpenSessions());
            factory.Dispose();
            Wait.Until(() => Statistics.OpenSessions() == before, "Cached sessions stay open.");
        }

        private SessionFactory NewFactory()
        {
            return new SessionFactory(core, policy, log);
        }
    }
}
