#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption
{
    public abstract class Partition
    {
        protected Partition(string partitionId, string serviceId, string productId) { throw null; }
        public virtual bool IsValidIntermediateKeyId(string keyId) { throw null; }
        public virtual string IntermediateKeyId { get { throw null; } }
        public virtual string SystemKeyId { get { throw null; } }
    }
}
