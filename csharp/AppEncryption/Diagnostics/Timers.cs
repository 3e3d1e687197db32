using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using App.Metrics;
using App.Metrics.Timer;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Util;

namespace GoDaddy.Asherah.AppEncryption.Diagnostics
{
    /// <summary>Timers of App.Metrics, in its default context and without tags.</summary>
    internal static class Timers
    {
        private static readonly ConcurrentDictionary<string, TimerOptions> Options =
            new ConcurrentDictionary<string, TimerOptions>(StringComparer.Ordinal);

        [ThreadStatic]
        private static bool called;

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

        /// <summary>Begins to time a method that the application has called by itself, for the metrics of
        /// <see cref="MetricsUtil"/>. Returns 0 if there are none, or if a factory has called, which has its
        /// own.</summary>
        internal static long Begin()
        {
            return called || MetricsUtil.InstanceOrNull == null ? 0 : Stopwatch.GetTimestamp();
        }

        /// <summary>Ends what <see cref="Begin"/> has begun.</summary>
        internal static void End(string part, string method, long start)
        {
            if (start != 0)
            {
                Record(
                    MetricsUtil.InstanceOrNull, part + "." + method, Nanoseconds(Stopwatch.GetTimestamp() - start));
            }
        }

        /// <summary>Notes that a factory calls a part on this thread, until what is returned is given to
        /// <see cref="Returned"/>.</summary>
        internal static bool Called()
        {
            bool before = called;
            called = true;
            return before;
        }

        /// <summary>Notes that the call has returned.</summary>
        internal static void Returned(bool before)
        {
            called = before && Guard.Holds(Guarded.NestedCall);
        }

        /// <summary>Converts ticks of <see cref="Stopwatch"/>.</summary>
        internal static long Nanoseconds(long ticks)
        {
            return (long)(ticks * (1e9 / Stopwatch.Frequency));
        }
    }
}
