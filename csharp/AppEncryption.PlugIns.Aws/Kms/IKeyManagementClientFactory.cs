using Amazon.KeyManagementService;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    /// <summary>Makes clients of AWS KMS.</summary>
    public interface IKeyManagementClientFactory
    {
        /// <summary>Makes the client of a region, which is used by many threads at once and not disposed.</summary>
        /// <param name="region">The region.</param>
        /// <returns>The client.</returns>
        IAmazonKeyManagementService CreateForRegion(string region);
    }
}
