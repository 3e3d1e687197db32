using System;
using App.Metrics;

namespace GoDaddy.Asherah.AppEncryption.Util
{
    /// <summary>The metrics of what belongs to no factory: metastores and key management services that are used by
    /// themselves, engines that are wired by hand. Factories have their own.</summary>
    public static class MetricsUtil
    {
        /// <summary>What the names of timers begin with.</summary>
        public const string AelMetricsPrefix = "ael";

        private static volatile IMetrics instance;

        /// <summary>Gets the metrics: those of the factory with metrics that was built last, unless others were set
        /// since.</summary>
        /// <exception cref="ArgumentNullException">There are none.</exception>
        public static IMetrics MetricsInstance =>
            instance ?? throw new ArgumentNullException("metricsInstance", "No metrics have been set.");

        /// <summary>Gets the metrics, or null.</summary>
        internal static IMetrics InstanceOrNull => instance;

        /// <summary>Sets the metrics.</summary>
        /// <param name="metricsInstance">The metrics; null for none.</param>
        public static void SetMetricsInstance(IMetrics metricsInstance)
        {
            instance = metricsInstance;
        }
    }
}
