namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>An engine that reads what canonical Asherah reads, where the application asks for it.</summary>
    internal sealed class TolerantCore : IAppEncryptionCore
    {
        private readonly IAppEncryptionCore core;

        internal TolerantCore(IAppEncryptionCore core)
        {
            this.core = core;
        }

        public IPartitionCore Open(string partitionId)
        {
            return new TolerantPartition(core.Open(partitionId));
        }

        public void Dispose()
        {
            core.Dispose();
        }
    }
}
