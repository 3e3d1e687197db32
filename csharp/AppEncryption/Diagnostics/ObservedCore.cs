using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Engines;

namespace GoDaddy.Asherah.AppEncryption.Diagnostics
{
    /// <summary>An engine whose partitions are observed where metrics are kept or anyone listens.</summary>
    internal sealed class ObservedCore : IAppEncryptionCore
    {
        private readonly IAppEncryptionCore inner;
        private readonly IMetrics metrics;

        internal ObservedCore(IAppEncryptionCore inner, IMetrics metrics)
        {
            this.inner = inner;
            this.metrics = metrics;
        }

        public IPartitionCore Open(string partitionId)
        {
            IPartitionCore partition = inner.Open(partitionId);
            return metrics != null || Telemetry.IsOn ? new ObservedPartition(partition, metrics) : partition;
        }

        public void Dispose()
        {
            inner.Dispose();
        }
    }
}
