using System;
using System.Collections.Generic;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>A client factory of the application's own, of either kind.</summary>
    internal sealed class Clients : AwsKmsClientFactory, IKeyManagementClientFactory
    {
        private readonly Func<string, IAmazonKeyManagementService> make;

        internal Clients(Func<string, IAmazonKeyManagementService> make)
        {
            this.make = make;
        }

        internal List<string> Asked { get; } = new List<string>();

        public IAmazonKeyManagementService CreateForRegion(string region)
        {
            Asked.Add(region);
            return make(region);
        }

        internal override IAmazonKeyManagementService CreateAwsKmsClient(string region, AWSCredentials credentials)
        {
            return CreateForRegion(region);
        }

        /// <summary>Real clients of the AWS SDK, pointed at the stand-in.</summary>
        internal static Clients Of(AwsServer server)
        {
            return new Clients(region => new AmazonKeyManagementServiceClient(
                new BasicAWSCredentials(server.AccessKeyId, server.SecretAccessKey),
                new AmazonKeyManagementServiceConfig
                {
                    ServiceURL = server.Url,
                    AuthenticationRegion = region,
                    MaxErrorRetry = 0,
                }));
        }
    }
}
