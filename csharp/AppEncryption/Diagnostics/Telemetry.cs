using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace GoDaddy.Asherah.AppEncryption.Diagnostics
{
    /// <summary>
    /// The instruments and activities of this assembly, for OpenTelemetry and others who listen by name. They carry no
    /// ids of partitions or keys.
    /// </summary>
    internal static class Telemetry
    {
        /// <summary>The name of the meter and of the source of activities.</summary>
        internal const string Name = "GoDaddy.Asherah.AppEncryption";

        internal static readonly ActivitySource Activities = new ActivitySource(Name, Version);

        private static readonly Meter Meter = new Meter(Name, Version);

        private static readonly Histogram<double> EncryptTime =
            Meter.CreateHistogram<double>("asherah.encrypt.duration", "s", "Time of encryptions.");

        private static readonly Histogram<double> DecryptTime =
            Meter.CreateHistogram<double>("asherah.decrypt.duration", "s", "Time of decryptions.");

        private static readonly Histogram<double> MetastoreTime =
            Meter.CreateHistogram<double>("asherah.metastore.duration", "s", "Time the metastore took to answer.");

        private static readonly Histogram<double> KmsTime =
            Meter.CreateHistogram<double>(
                "asherah.kms.duration", "s", "Time the key management service took to answer.");

        private static readonly Histogram<double> KmsRequestTime =
            Meter.CreateHistogram<double>(
                "asherah.kms.request.duration",
                "s",
                "Time a region of the key management service took to answer the library.");

        private static readonly Counter<long> Cached =
            Meter.CreateCounter<long>("asherah.keys.cached", "{key}", "Keys that went into a cache.");

        private static readonly Counter<long> ExpiredReads =
            Meter.CreateCounter<long>("asherah.keys.expired_reads", "{read}", "Decryptions with an expired key.");

        private static readonly Counter<long> Rotations =
            Meter.CreateCounter<long>("asherah.keys.rotations", "{key}", "Queued rotations, by how far they are.");

        /// <summary>Gets a value indicating whether anyone listens.</summary>
        internal static bool IsOn =>
            EncryptTime.Enabled || DecryptTime.Enabled || MetastoreTime.Enabled || KmsTime.Enabled ||
            KmsRequestTime.Enabled || Cached.Enabled || ExpiredReads.Enabled || Rotations.Enabled ||
            Activities.HasListeners();

        /// <summary>Gets a value indicating whether anyone listens to <see cref="KmsRequested"/>.</summary>
        internal static bool WantsKmsRequests => KmsRequestTime.Enabled;

        private static string Version => typeof(Telemetry).Assembly.GetName().Version.ToString(3);

        internal static void Encrypted(long nanoseconds, Exception error)
        {
            Record(EncryptTime, nanoseconds, error);
        }

        internal static void Decrypted(long nanoseconds, Exception error)
        {
            Record(DecryptTime, nanoseconds, error);
        }

        internal static void MetastoreAnswered(string operation, long nanoseconds, bool failed)
        {
            Record(MetastoreTime, operation, nanoseconds, failed);
        }

        internal static void KmsAnswered(string operation, long nanoseconds, bool failed)
        {
            Record(KmsTime, operation, nanoseconds, failed);
        }

        internal static void KmsRequested(string operation, string region, long nanoseconds, bool failed)
        {
            if (KmsRequestTime.Enabled)
            {
                KmsRequestTime.Record(
                    nanoseconds / 1e9,
                    Tag("asherah.operation", operation),
                    Tag("asherah.failed", failed),
                    Tag("cloud.region", region));
            }
        }

        internal static void KeyCached(bool systemKey)
        {
            Cached.Add(1, Level(systemKey));
        }

        internal static void ExpiredKeyRead(bool systemKey)
        {
            ExpiredReads.Add(1, Level(systemKey));
        }

        /// <summary>Counts a rotation that was queued, done or failed.</summary>
        internal static void Rotation(bool systemKey, string state)
        {
            Rotations.Add(1, Level(systemKey), Tag("asherah.rotation.state", state));
        }

        private static void Record(Histogram<double> time, long nanoseconds, Exception error)
        {
            if (!time.Enabled)
            {
                return;
            }

            if (error == null)
            {
                time.Record(nanoseconds / 1e9);
            }
            else
            {
                time.Record(nanoseconds / 1e9, Tag("error.type", error.GetType().FullName));
            }
        }

        private static void Record(Histogram<double> time, string operation, long nanoseconds, bool failed)
        {
            if (time.Enabled)
            {
                time.Record(nanoseconds / 1e9, Tag("asherah.operation", operation), Tag("asherah.failed", failed));
            }
        }

        private static KeyValuePair<string, object> Level(bool systemKey)
        {
            return Tag("asherah.key.level", systemKey ? "system" : "intermediate");
        }

        private static KeyValuePair<string, object> Tag(string name, object value)
        {
            return new KeyValuePair<string, object>(name, value);
        }
    }
}
