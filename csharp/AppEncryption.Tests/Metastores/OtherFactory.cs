using System.Data.Common;
using System.Threading;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>A factory that nobody knows by name, as wrappers for profiling are; counts its connections, of which a
    /// call of the metastore has one.</summary>
    internal sealed class OtherFactory : DbProviderFactory
    {
        private readonly DbProviderFactory inner;
        private int connections;

        internal OtherFactory(DbProviderFactory inner)
        {
            this.inner = inner;
        }

        internal int Connections => Volatile.Read(ref connections);

        public override DbConnection CreateConnection()
        {
            Interlocked.Increment(ref connections);
            return inner.CreateConnection();
        }
    }
}
