#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption
{
    public class SuffixedPartition : GoDaddy.Asherah.AppEncryption.Partition
    {
        public SuffixedPartition(string partitionId, string serviceId, string productId, string regionSuffix) : base(default(string), default(string), default(string)) { throw null; }
        public override bool IsValidIntermediateKeyId(string keyId) { throw null; }
        public override string IntermediateKeyId { get { throw null; } }
        public override string SystemKeyId { get { throw null; } }
        public override string ToString() { throw null; }
    }
}
