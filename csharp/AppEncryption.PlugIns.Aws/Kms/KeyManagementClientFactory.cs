using System;
using Amazon;
using Amazon.KeyManagementService;
using Amazon.Runtime;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    /// <summary>Makes clients of AWS KMS that differ in their region only.</summary>
    public class KeyManagementClientFactory : IKeyManagementClientFactory
    {
        /// <summary>Makes a factory.</summary>
        /// <param name="credentials">The credentials of all clients.</param>
        public KeyManagementClientFactory(AWSCredentials credentials)
        {
            Credentials = credentials;
        }

        /// <summary>Gets the credentials of all clients.</summary>
        internal AWSCredentials Credentials { get; }

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">The region is null or blank.</exception>
        public IAmazonKeyManagementService CreateForRegion(string region)
        {
            if (string.IsNullOrWhiteSpace(region))
            {
                throw new ArgumentException("Region cannot be null or empty", nameof(region));
            }

            return new AmazonKeyManagementServiceClient(
                Credentials,
                new AmazonKeyManagementServiceConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region) });
        }
    }
}
