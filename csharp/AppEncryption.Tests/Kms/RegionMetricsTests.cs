using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Linq;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.AppEncryption.Tests.Behaviour;
using GoDaddy.Asherah.AppEncryption.Tests.Logging;
using GoDaddy.Asherah.PlatformNative.Interop;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>What factories measure of the regions of AWS KMS that the library asks for them.</summary>
    [Collection(AwsCollection.Name)]
    public sealed class RegionMetricsTests : IDisposable
    {
        private readonly AwsServer server;
        private readonly TestEnvironment environment;
        private readonly InMemoryMetastoreImpl<JObject> metastore = new InMemoryMetastoreImpl<JObject>();

        public RegionMetricsTests(AwsServer server)
        {
            this.server = server;
            environment = TestEnvironment.Of(server);
            server.Reset();
        }

        public void Dispose()
        {
            environment.Dispose();
        }

        [Fact]
        public void EachRegionHasItsTimers()
        {
            (IMetrics metrics, MetricsRecorder recorder) = MetricsRecorder.New();
            byte[] record = Encrypt(Services.LegacyNative, metrics);
            Assert.Equal(
                new[]
                {
                    "ael.drr.encrypt", "ael.kms.aws.encrypt.us-east-1", "ael.kms.aws.encryptkey",
                    "ael.kms.aws.generatedatakey.us-west-2",
                },
                Sorted(recorder));
            Decrypt(Services.LegacyNative, metrics, record);
            Assert.Equal(
                new[] { "ael.drr.decrypt", "ael.kms.aws.decrypt.us-west-2", "ael.kms.aws.decryptkey" },
                Sorted(recorder));
        }

        [Fact]
        public void RegionsThatFailAreTimedToo()
        {
            (IMetrics metrics, MetricsRecorder recorder) = MetricsRecorder.New();
            server.Fail(AwsServer.West, string.Empty, "denied");
            byte[] record = Encrypt(Services.LegacyNative, metrics);
            Assert.Equal(
                new[]
                {
                    "ael.kms.aws.encrypt.us-west-2", "ael.kms.aws.generatedatakey.us-east-1",
                    "ael.kms.aws.generatedatakey.us-west-2",
                },
                Sorted(recorder).Where(OfARegion));
            server.Fail(AwsServer.East, string.Empty, "denied");
            Assert.Throws<Exceptions.KmsException>(() => Decrypt(Services.LegacyNative, metrics, record));
            Assert.Equal(new[] { "ael.kms.aws.decrypt.us-east-1" }, Sorted(recorder).Where(OfARegion));
        }

        /// <summary>One service has the timers of whichever factory calls it.</summary>
        [Fact]
        public void FactoriesThatShareAServiceHaveTheirOwnTimers()
        {
            (IMetrics metrics, MetricsRecorder recorder) = MetricsRecorder.New();
            (IMetrics others, MetricsRecorder other) = MetricsRecorder.New();
            KeyManagementService kms = (KeyManagementService)New(Services.LegacyNative);
            using SessionFactory first = NewFactory(kms, metrics);
            using SessionFactory second = NewFactory(kms, others);
            using SessionFactory silent = NewFactory(kms, null);
            byte[] record = Encrypt(first);
            Assert.Equal(2, Sorted(recorder).Count(OfARegion));
            Assert.Empty(other.Timers);
            Decrypt(second, record);
            Assert.Equal(new[] { "ael.kms.aws.decrypt.us-west-2" }, Sorted(other).Where(OfARegion));
            server.Calls();
            Decrypt(silent, record);
            Assert.Equal("us-west-2 Decrypt", server.Asked());
            Assert.Empty(recorder.Timers);
            Assert.Empty(other.Timers);
        }

        /// <summary>A region may answer when another one has served already, and the factory be gone by then.</summary>
        [Fact]
        public void RegionsThatAnswerLateAreTimedWhileTheFactoryIsThere()
        {
            byte[] record = Encrypt(Services.LegacyNative, null);
            (IMetrics metrics, MetricsRecorder recorder) = MetricsRecorder.New();
            (IMetrics others, MetricsRecorder other) = MetricsRecorder.New();
            IKeyManagementService kms = New(Services.LegacyNative);
            server.Fail(AwsServer.West, "Decrypt", "slow");
            using (SessionFactory gone = NewFactory(kms, others))
            {
                Decrypt(gone, record);
            }

            string[] once = { "ael.drr.decrypt", "ael.kms.aws.decrypt.us-east-1", "ael.kms.aws.decryptkey" };
            Assert.Equal(once, Sorted(other));
            using SessionFactory factory = NewFactory(kms, metrics);
            Decrypt(factory, record);
            Assert.Equal(once, Sorted(recorder));
            Wait.Until(() => recorder.Timers.Length > 0, "the late answer is not timed");
            Assert.Equal(new[] { "ael.kms.aws.decrypt.us-west-2" }, recorder.TakeNames());
            Assert.Empty(other.Timers);
        }

        /// <summary>Canonical Asherah's plug-in has no timers; the instruments are there for all.</summary>
        [Theory]
        [InlineData(Services.LegacyNative)]
        [InlineData(Services.PlugInNative)]
        public void AnInstrumentSaysHowLongRegionsTook(string kind)
        {
            int caller = Environment.CurrentManagedThreadId;
            var seen = new List<string>();
            using var listener = new MeterListener
            {
                InstrumentPublished = (instrument, self) =>
                {
                    if (instrument.Name == "asherah.kms.request.duration")
                    {
                        self.EnableMeasurementEvents(instrument);
                    }
                },
            };
            listener.SetMeasurementEventCallback<double>((instrument, value, tags, state) =>
            {
                // What is thrown here is not seen; the measurement is missing then.
                Assert.True(value > 0);
                Assert.Equal(caller, Environment.CurrentManagedThreadId);
                seen.Add(string.Join(" ", tags.ToArray().Select(tag => tag.Value)));
            });
            listener.Start();
            (IMetrics metrics, MetricsRecorder recorder) = MetricsRecorder.New();
            byte[] record = Encrypt(kind, metrics);
            server.Fail(AwsServer.West, "Decrypt", "denied");
            Decrypt(kind, metrics, record);
            Assert.Equal(
                new[]
                {
                    "decrypt False us-east-1", "decrypt True us-west-2", "encrypt False us-east-1",
                    "generate_data_key False us-west-2",
                },
                seen.Order(StringComparer.Ordinal));
            Assert.Equal(kind == Services.LegacyNative ? 4 : 0, Sorted(recorder).Count(OfARegion));
        }

        /// <summary>A library that does not know regions has other memory there.</summary>
        [Fact]
        public unsafe void WhatIsPastAnEventIsNotRead()
        {
            (IMetrics metrics, MetricsRecorder recorder) = MetricsRecorder.New();
            var observer = new FactoryObserver(
                null, metrics, default, new ObservedPart(New(Services.LegacyNative)));
            byte[] region = TestSetup.Bytes("us-west-2");
            fixed (byte* name = region)
            {
                var happened = new Native.AsherahEvent
                {
                    Size = (UIntPtr)sizeof(Native.AsherahEvent),
                    Type = Native.EventType.DataKeyDecrypted,
                    Region = name,
                    RegionLen = (UIntPtr)region.Length,
                };
                observer.Tell(&happened);
                Assert.Equal(new[] { "ael.kms.aws.decrypt.us-west-2" }, recorder.TakeNames());
                happened.Size = (UIntPtr)(sizeof(Native.AsherahEvent) - 1);
                happened.Region = (byte*)1;
                observer.Tell(&happened);
                Assert.Empty(recorder.Timers);
            }
        }

        private static bool OfARegion(string timer)
        {
            return timer.EndsWith("-1", StringComparison.Ordinal) || timer.EndsWith("-2", StringComparison.Ordinal);
        }

        private static string[] Sorted(MetricsRecorder recorder)
        {
            return recorder.TakeNames().Order(StringComparer.Ordinal).ToArray();
        }

        private static byte[] Encrypt(SessionFactory factory)
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            return session.Encrypt(TestSetup.Bytes("x"));
        }

        private static void Decrypt(SessionFactory factory, byte[] record)
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Equal(TestSetup.Bytes("x"), session.Decrypt(record));
        }

        private byte[] Encrypt(string kind, IMetrics metrics)
        {
            using SessionFactory factory = NewFactory(New(kind), metrics);
            return Encrypt(factory);
        }

        private void Decrypt(string kind, IMetrics metrics, byte[] record)
        {
            using SessionFactory factory = NewFactory(New(kind), metrics);
            Decrypt(factory, record);
        }

        private IKeyManagementService New(string kind)
        {
            return Services.New(kind, server, AwsServer.West, AwsServer.East);
        }

        private SessionFactory NewFactory(IKeyManagementService kms, IMetrics metrics)
        {
            using (Engine.Choose(Engine.Native))
            {
                return SessionFactory.NewBuilder("product", "service")
                    .WithMetastore(metastore)
                    .WithNeverExpiredCryptoPolicy()
                    .WithKeyManagementService(kms)
                    .WithMetrics(metrics)
                    .Build();
            }
        }
    }
}
