#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Util
{
    public static class MetricsUtil
    {
        public const string AelMetricsPrefix = "ael";
        public static App.Metrics.IMetrics MetricsInstance { get { throw null; } }
        public static void SetMetricsInstance(App.Metrics.IMetrics metricsInstance) { throw null; }
    }
}
