using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using App.Metrics;
using App.Metrics.Timer;
using GoDaddy.Asherah.AppEncryption.Util;

namespace GoDaddy.Asherah.AppEncryption.Diagnostics
{
    /// <summary>Timers of App.Metrics, in its default context and without tags.</summary>
    internal static class Timers
    {
        private static readonly ConcurrentDictionary<string, TimerOptions> Options =
            new ConcurrentDictionary<string, TimerOptions>(StringComparer.Ordinal);

        /// <summary>Records a duration.</summary>
        /// <param name="metrics">Where; null is nowhere.</param>
        /// <param name="name">The timer without the prefix, such as <c>drr.encrypt</c>.</param>
        /// <param name="nanoseconds">The duration.</param>
        internal static void Record(IMetrics metrics, string name, long nanoseconds)
        {
            if (metrics == null)
            {
                return;
            }

            TimerOptions options = Options.GetOrAdd(
                name, key => new TimerOptions { Name = MetricsUtil.AelMetricsPrefix + "." + key });
            try
            {
                metrics.Provider.Timer.Instance(options).Record(nanoseconds, TimeUnit.Nanoseconds);
            }
            catch (Exception)
            {
                // Metrics that fail are no reason for encryption to.
            }
        }

        /// <summary>Records the time since a timestamp of <see cref="Stopwatch"/>.</summary>
        internal static void RecordSince(IMetrics metrics, string name, long start)
        {
            if (metrics != null)
            {
                Record(metrics, name, Nanoseconds(Stopwatch.GetTimestamp() - start));
            }
        }

        /// <summary>Converts ticks of <see cref="Stopwatch"/>.</summary>
        internal static long Nanoseconds(long ticks)
        {
            return (long)(ticks * (1e9 / Stopwatch.Frequency));
        }
    }
}
