using System;
using App.Metrics;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>Timers of App.Metrics. Its default context is called Application.</summary>
    public sealed class MetricsTests
    {
        public static TheoryData<string> Engines => Engine.Both;

        [Theory]
        [MemberData(nameof(Engines))]
        public void TimersHaveTheCanonicalNamesInTheDefaultContext(string engine)
        {
            (IMetrics metrics, Func<string[]> timers) = RecordingMetrics.New();
            using SessionFactory factory = Build(engine, metrics);
            RoundTrip(factory);
            Assert.Equal(new[] { "/ael.drr.decrypt", "/ael.drr.encrypt" }, timers());
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void ASecondFactoryWithoutMetricsLeavesTheFirstOnes(string engine)
        {
            (IMetrics metrics, Func<string[]> timers) = RecordingMetrics.New();
            using SessionFactory factory = Build(engine, metrics);
            using SessionFactory other = Build(engine, null);
            RoundTrip(other);
            Assert.Empty(timers());
            RoundTrip(factory);
            Assert.Equal(2, timers().Length);
        }

        private static SessionFactory Build(string engine, IMetrics metrics)
        {
            return Engine.Build(engine, SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(TestSetup.Key)
                .WithMetrics(metrics));
        }

        private static void RoundTrip(SessionFactory factory)
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            session.Decrypt(session.Encrypt(new byte[1]));
        }
    }
}
