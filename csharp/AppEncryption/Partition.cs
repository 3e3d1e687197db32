using System;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>
    /// The key ids of one partition. Ids are joined with <c>_</c> and not escaped, as the format has it: partition
    /// <c>a_b</c> of service <c>c</c> and partition <c>a</c> of service <c>b_c</c> share an intermediate key id.
    /// </summary>
    public abstract class Partition
    {
        private readonly string systemKeyId;
        private readonly string intermediateKeyId;

        /// <summary>Names a partition.</summary>
        /// <param name="partitionId">The partition.</param>
        /// <param name="serviceId">The service.</param>
        /// <param name="productId">The product.</param>
        /// <exception cref="ArgumentNullException">One of them is null.</exception>
        /// <exception cref="ArgumentException">One of them has a lone surrogate.</exception>
        protected Partition(string partitionId, string serviceId, string productId)
        {
            PartitionId = RequireText(partitionId, nameof(partitionId));
            ServiceId = RequireText(serviceId, nameof(serviceId));
            ProductId = RequireText(productId, nameof(productId));
            systemKeyId = "_SK_" + serviceId + "_" + productId;
            intermediateKeyId = "_IK_" + partitionId + "_" + serviceId + "_" + productId;
        }

        /// <summary>Gets the id of the service's system keys.</summary>
        public virtual string SystemKeyId => systemKeyId;

        /// <summary>Gets the id of the partition's intermediate keys.</summary>
        public virtual string IntermediateKeyId => intermediateKeyId;

        internal string PartitionId { get; }

        internal string ServiceId { get; }

        internal string ProductId { get; }

        /// <summary>Says whether records that name an intermediate key belong to this partition.</summary>
        /// <param name="keyId">The id in the record.</param>
        /// <returns>True if it is <see cref="IntermediateKeyId"/>.</returns>
        public virtual bool IsValidIntermediateKeyId(string keyId)
        {
            return string.Equals(keyId, IntermediateKeyId, StringComparison.Ordinal);
        }

        /// <summary>Refuses what two different ids could become one by.</summary>
        private protected static string RequireText(string text, string paramName)
        {
            if (text == null)
            {
                throw new ArgumentNullException(paramName);
            }

            Utf8.GetByteCount(text, 0, text.Length, paramName);
            return text;
        }
    }
}
