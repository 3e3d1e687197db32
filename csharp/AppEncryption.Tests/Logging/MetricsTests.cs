using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Tasks;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Tests.Callbacks;
using GoDaddy.Asherah.AppEncryption.Util;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Tests.Logging
{
    public sealed class MetricsTests
    {
        private const string Source = "GoDaddy.Asherah.AppEncryption";

        [Fact]
        public async Task CallsAreTimedPerFactory()
        {
            (IMetrics metrics, MetricsRecorder recorder) = MetricsRecorder.New();
            using SessionFactory factory = NewFactory(metrics);
            using SessionFactory other = NewFactory(null);
            Assert.Same(metrics, MetricsUtil.MetricsInstance);
            byte[] record = Hosted.Encrypt(factory);
            Assert.Equal(new[] { "ael.drr.encrypt" }, recorder.TakeNames());
            Hosted.Encrypt(other);
            Assert.Empty(recorder.Timers);
            Hosted.Decrypt(factory, record);
            Assert.All(recorder.Timers, timer => Assert.Null(timer.Context));
            Assert.Equal(new[] { "ael.drr.decrypt" }, recorder.TakeNames());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            await session.DecryptAsync(await session.EncryptAsync(new byte[1]));
            Assert.Equal(new[] { "ael.drr.encrypt", "ael.drr.decrypt" }, recorder.TakeNames());
            Assert.ThrowsAny<Exception>(() => session.Decrypt(TestSetup.Bytes("{")));
            Assert.Equal(new[] { "ael.drr.decrypt" }, recorder.TakeNames());
        }

        [Fact]
        public void MetricsThatFailStopNothing()
        {
            (IMetrics metrics, _) = MetricsRecorder.New(new TimeoutException("mine"));
            using SessionFactory factory = NewFactory(metrics);
            Assert.Equal("payload", Hosted.Decrypt(factory, Hosted.Encrypt(factory)));
        }

        [Fact]
        public void InstrumentsSayHowLongThingsTook()
        {
            var seen = new List<string>();
            using var listener = new MeterListener
            {
                InstrumentPublished = (instrument, self) =>
                {
                    if (instrument.Meter.Name == Source)
                    {
                        self.EnableMeasurementEvents(instrument);
                    }
                },
            };
            listener.SetMeasurementEventCallback<double>((instrument, value, tags, state) =>
            {
                Assert.True(value > 0);
                seen.Add(instrument.Name);
            });
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, state) => seen.Add(instrument.Name));
            using (SessionFactory factory = NewFactory(null))
            {
                listener.Start();
                Hosted.Encrypt(factory);
            }

            Assert.Contains("asherah.encrypt.duration", seen);
            Assert.Contains("asherah.metastore.duration", seen);
            Assert.Contains("asherah.kms.duration", seen);
            Assert.Contains("asherah.keys.cached", seen);
        }

        [Fact]
        public void CallsAreActivitiesOfTheCallersOwn()
        {
            var seen = new List<Activity>();
            using var listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == Source,
                Sample = (ref ActivityCreationOptions<ActivityContext> options) => ActivitySamplingResult.AllData,
                ActivityStopped = seen.Add,
            };
            ActivitySource.AddActivityListener(listener);
            using SessionFactory factory = NewFactory(null);
            using var parent = new Activity("request");
            parent.Start();
            byte[] record = Hosted.Encrypt(factory);
            TestSetup.Alter(record);
            Assert.ThrowsAny<Exception>(() => Hosted.Decrypt(factory, record));
            Assert.Equal(new[] { "asherah.encrypt", "asherah.decrypt" }, seen.ConvertAll(one => one.OperationName));
            Assert.All(seen, one => Assert.Equal(parent.SpanId, one.ParentSpanId));
            Assert.Equal(ActivityStatusCode.Unset, seen[0].Status);
            Assert.Equal(ActivityStatusCode.Error, seen[1].Status);
        }

        [Fact]
        public void MetricsUtilIsKept()
        {
            MetricsUtil.SetMetricsInstance(null);
            Assert.Throws<ArgumentNullException>(() => MetricsUtil.MetricsInstance);
            (IMetrics metrics, _) = MetricsRecorder.New();
            MetricsUtil.SetMetricsInstance(metrics);
            Assert.Same(metrics, MetricsUtil.MetricsInstance);
            using SessionFactory factory = NewFactory(null);
            Hosted.Encrypt(factory);
            Assert.Same(metrics, MetricsUtil.MetricsInstance);
            Assert.Equal("ael", MetricsUtil.AelMetricsPrefix);
            MetricsUtil.SetMetricsInstance(null);
        }

        private static SessionFactory NewFactory(IMetrics metrics)
        {
            return SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithCryptoPolicy(new NeverExpiredCryptoPolicy())
                .WithStaticKeyManagementService(TestSetup.Key)
                .WithMetrics(metrics)
                .Build();
        }
    }
}
