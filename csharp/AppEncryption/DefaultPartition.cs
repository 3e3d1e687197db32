#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption
{
    public class DefaultPartition : GoDaddy.Asherah.AppEncryption.Partition
    {
        public DefaultPartition(string partitionId, string serviceId, string productId) : base(default(string), default(string), default(string)) { throw null; }
        public override string ToString() { throw null; }
    }
}
