namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>A partition whose key ids carry no region suffix.</summary>
    public class DefaultPartition : Partition
    {
        /// <summary>Names a partition.</summary>
        /// <param name="partitionId">The partition.</param>
        /// <param name="serviceId">The service.</param>
        /// <param name="productId">The product.</param>
        /// <exception cref="System.ArgumentNullException">One of them is null.</exception>
        /// <exception cref="System.ArgumentException">One of them has a lone surrogate.</exception>
        public DefaultPartition(string partitionId, string serviceId, string productId)
            : base(partitionId, serviceId, productId)
        {
        }

        /// <inheritdoc/>
        public override string ToString()
        {
            return GetType().Name + "[partitionId=" + PartitionId + ", serviceId=" + ServiceId + ", productId=" +
                ProductId + "]";
        }
    }
}
