using System;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>
    /// A partition whose key ids end with a region suffix, so that the regions of one replicated table do not write over
    /// each other's keys. Records of other regions are read.
    /// </summary>
    public class SuffixedPartition : Partition
    {
        // Bounds the region in the key id of a record that came from another one, in characters.
        private const int MaxRegion = 255;

        private readonly string regionSuffix;

        /// <summary>Names a partition.</summary>
        /// <param name="partitionId">The partition.</param>
        /// <param name="serviceId">The service.</param>
        /// <param name="productId">The product.</param>
        /// <param name="regionSuffix">The suffix of this region, such as <c>us-west-2</c>.</param>
        /// <exception cref="ArgumentNullException">One of them is null.</exception>
        /// <exception cref="ArgumentException">One of them has a lone surrogate.</exception>
        public SuffixedPartition(string partitionId, string serviceId, string productId, string regionSuffix)
            : base(partitionId, serviceId, productId)
        {
            this.regionSuffix = RequireText(regionSuffix, nameof(regionSuffix));
        }

        /// <inheritdoc/>
        public override string SystemKeyId => base.SystemKeyId + "_" + regionSuffix;

        /// <inheritdoc/>
        public override string IntermediateKeyId => base.IntermediateKeyId + "_" + regionSuffix;

        /// <summary>Says whether records that name an intermediate key belong to this partition.</summary>
        /// <param name="keyId">The id in the record.</param>
        /// <returns>
        /// True if it is <see cref="IntermediateKeyId"/>, the same without suffix, or that with the suffix of another
        /// region: letters, digits and <c>-</c>. An unsuffixed id of product <c>shop_eu</c> cannot be told from one of
        /// product <c>shop</c> in region <c>eu</c>.
        /// </returns>
        public override bool IsValidIntermediateKeyId(string keyId)
        {
            if (keyId == null || string.Equals(keyId, IntermediateKeyId, StringComparison.Ordinal))
            {
                return keyId != null;
            }

            string unsuffixed = base.IntermediateKeyId;
            return keyId.StartsWith(unsuffixed, StringComparison.Ordinal) &&
                (keyId.Length == unsuffixed.Length || IsSuffix(keyId, unsuffixed.Length));
        }

        /// <inheritdoc/>
        public override string ToString()
        {
            return GetType().Name + "[partitionId=" + PartitionId + ", serviceId=" + ServiceId + ", productId=" +
                ProductId + ", regionSuffix=" + regionSuffix + "]";
        }

        private static bool IsSuffix(string keyId, int start)
        {
            int region = keyId.Length - start - 1;
            if (keyId[start] != '_' || region == 0 || region > MaxRegion)
            {
                return false;
            }

            for (int i = start + 1; i < keyId.Length; i++)
            {
                char c = keyId[i];
                if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-')
                {
                    return false;
                }
            }

            return true;
        }
    }
}
