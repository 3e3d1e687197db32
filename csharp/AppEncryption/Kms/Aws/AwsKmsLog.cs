using System;
using System.Diagnostics;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.AppEncryption.Util;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Kms.Aws
{
    /// <summary>The log lines and timers of <see cref="AwsKeyManagementServiceImpl"/>, whose templates and names
    /// operators look for.</summary>
    internal sealed class AwsKmsLog : AwsKmsObserver
    {
        private readonly ILogger logger;

        internal AwsKmsLog(ILogger logger)
        {
            this.logger = logger;
        }

        // A service may belong to several factories, so the metrics are those of all that have no factory.
        internal override IDisposable Time(string operation, string region)
        {
            IMetrics metrics = MetricsUtil.InstanceOrNull;
            return metrics == null ? null : new RegionTimer(metrics, "kms.aws." + operation + "." + region);
        }

        internal override void GenerateFailed(string region, Exception error)
        {
            logger?.LogWarning(
                error, "Failed to generate data key via region {Region} KMS, trying next region", region);
        }

        internal override void WrapFailed(string region, Exception error)
        {
            logger?.LogWarning(error, "Failed to encrypt generated data key via region {Region} KMS", region);
        }

        internal override void EncryptFailed(Exception error)
        {
            logger?.LogError(error, "Unexpected execution exception while encrypting KMS data key");
        }

        internal override void DecryptFailed(string region, Exception error)
        {
            logger?.LogWarning(error, "Failed to decrypt via region {Region} KMS, trying next region", region);
        }

        internal override void NoClient(string region)
        {
            logger?.LogWarning(
                "Failed to decrypt due to no client for region {Region}, trying next region", region);
        }

        private sealed class RegionTimer : IDisposable
        {
            private readonly IMetrics metrics;
            private readonly string name;
            private readonly long start = Stopwatch.GetTimestamp();

            internal RegionTimer(IMetrics metrics, string name)
            {
                this.metrics = metrics;
                this.name = name;
            }

            public void Dispose()
            {
                Timers.Record(metrics, name, Timers.Nanoseconds(Stopwatch.GetTimestamp() - start));
            }
        }
    }
}
