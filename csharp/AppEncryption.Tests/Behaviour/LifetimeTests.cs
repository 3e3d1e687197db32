using System;
using System.Collections.Generic;
using System.Linq;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>What Dispose does to sessions and factories, and what the session cache keeps.</summary>
    public sealed class LifetimeTests
    {
        public static TheoryData<string> Engines => Engine.Both;

        [Theory]
        [MemberData(nameof(Engines))]
        public void ADisposedUncachedSessionSaysSo(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = session.Encrypt(new byte[1]);
            session.Dispose();
            session.Dispose();
            Assert.Throws<ObjectDisposedException>(() => session.Encrypt(new byte[1]));
            Assert.Throws<ObjectDisposedException>(() => session.Decrypt(record));
            Assert.ThrowsAny<InvalidOperationException>(() => session.Decrypt(record));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void ADisposedCachedSessionStaysUsable(string engine)
        {
            using SessionFactory factory = Engine.Build(engine, policy: new OwnPolicy { CachesSessions = true });
            Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = session.Encrypt(new byte[1]);
            session.Dispose();
            Assert.Equal(new byte[1], session.Decrypt(record));
            session.Dispose();
            Assert.Equal(new byte[1], session.Decrypt(record));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void ASecondDisposeDoesNotCountForAnotherUser(string engine)
        {
            var policy = new OwnPolicy { CachesSessions = true, SessionCacheSize = 1 };
            using SessionFactory factory = Engine.Build(engine, policy: policy);
            Session<byte[], byte[]> one = factory.GetSessionBytes("partition");
            Session<byte[], byte[]> other = factory.GetSessionBytes("partition");
            byte[] record = other.Encrypt(new byte[1]);
            one.Dispose();
            one.Dispose();
            for (int i = 0; i < 10; i++)
            {
                factory.GetSessionBytes("another " + i).Dispose();
            }

            Assert.Equal(new byte[1], other.Decrypt(record));
            other.Dispose();
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AFactoryLeavesMetastoreAndKmsAlone(string engine)
        {
            var metastore = new Store();
            using var kms = new Kms();
            SessionFactory factory = Engine.Build(engine, metastore, kms: kms);
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                session.Encrypt(new byte[1]);
            }

            factory.Dispose();
            factory.Dispose();
            Assert.False(metastore.Disposed);
            Assert.False(kms.Disposed);
            Assert.True(metastore.LoadLatest("_SK_service_product").IsSome);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void OpenSessionsGoOnWarmOrCold(string engine)
        {
            var metastore = new RecordingMetastore();
            byte[] record;
            using (SessionFactory earlier = Engine.Build(engine, metastore, kms: new OwnKms()))
            using (Session<byte[], byte[]> session = earlier.GetSessionBytes("cold"))
            {
                record = session.Encrypt(new byte[1]);
            }

            SessionFactory factory = Engine.Build(engine, metastore, kms: new OwnKms());
            Session<byte[], byte[]> warm = factory.GetSessionBytes("warm");
            using Session<byte[], byte[]> cold = factory.GetSessionBytes("cold");
            byte[] own = warm.Encrypt(new byte[2]);
            factory.Dispose();
            Assert.Equal(new byte[2], warm.Decrypt(own));
            Assert.Equal(new byte[1], cold.Decrypt(record));
            Assert.Equal(new byte[3], cold.Decrypt(cold.Encrypt(new byte[3])));
            warm.Dispose();
            Assert.Throws<ObjectDisposedException>(() => warm.Encrypt(new byte[1]));
            Assert.Throws<ObjectDisposedException>(() => factory.GetSessionBytes("partition"));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void SessionsInUseAreNeverRemoved(string engine)
        {
            var policy = new OwnPolicy { CachesSessions = true, SessionCacheSize = 2, SessionCacheMillis = 1 };
            using SessionFactory factory = Engine.Build(engine, policy: policy);
            List<Session<byte[], byte[]>> sessions = Enumerable.Range(0, 20)
                .Select(i => factory.GetSessionBytes("partition " + i))
                .ToList();
            List<byte[]> records = sessions.ConvertAll(session => session.Encrypt(new byte[1]));
            for (int i = 0; i < sessions.Count; i++)
            {
                Assert.Equal(new byte[1], sessions[i].Decrypt(records[i]));
                sessions[i].Dispose();
            }
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void UnusedSessionsBeyondTheSizeAreDropped(string engine)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            long before = Statistics.OpenSessions();
            var policy = new OwnPolicy { CachesSessions = true, SessionCacheSize = 5 };
            using SessionFactory factory = Engine.Build(engine, policy: policy);
            for (int i = 0; i < 50; i++)
            {
                using Session<byte[], byte[]> session = factory.GetSessionBytes("partition " + i);
                session.Encrypt(new byte[1]);
            }

            // The managed engine has none in the library; it must not have left any.
            Wait.Until(() => Statistics.OpenSessions() - before <= 5, "sessions are kept: " + Statistics.OpenSessions());
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void BadExpiryValuesAreLoggedNotThrown(string engine)
        {
            foreach (long millis in new[] { -1, long.MinValue, long.MaxValue })
            {
                var logger = new LogLines();
                var policy = new OwnPolicy { CachesSessions = true, SessionCacheMillis = millis };
                using SessionFactory factory = Engine.Build(engine, policy: policy, logger: logger);
                using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
                Assert.Equal(new byte[1], session.Decrypt(session.Encrypt(new byte[1])));
            }
        }

        private sealed class Store : InMemoryMetastoreImpl<JObject>
        {
            internal bool Disposed { get; private set; }

            protected override void Dispose(bool disposing)
            {
                Disposed = true;
                base.Dispose(disposing);
            }
        }

        private sealed class Kms : StaticKeyManagementServiceImpl
        {
            internal Kms()
                : base(TestSetup.Key)
            {
            }

            internal bool Disposed { get; private set; }

            protected override void Dispose(bool disposing)
            {
                Disposed = true;
                base.Dispose(disposing);
            }
        }
    }
}
