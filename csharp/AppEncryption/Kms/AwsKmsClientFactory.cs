using Amazon;
using Amazon.KeyManagementService;
using Amazon.Runtime;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    /// <summary>Makes clients of AWS KMS.</summary>
    public class AwsKmsClientFactory
    {
        /// <summary>Makes a factory.</summary>
        public AwsKmsClientFactory()
        {
        }

        /// <summary>Makes the client of a region.</summary>
        /// <param name="region">The region.</param>
        /// <param name="credentials">The credentials; null for those that the AWS SDK finds.</param>
        internal virtual IAmazonKeyManagementService CreateAwsKmsClient(string region, AWSCredentials credentials)
        {
            RegionEndpoint endpoint = RegionEndpoint.GetBySystemName(region);
            return credentials == null
                ? new AmazonKeyManagementServiceClient(endpoint)
                : new AmazonKeyManagementServiceClient(credentials, endpoint);
        }
    }
}
