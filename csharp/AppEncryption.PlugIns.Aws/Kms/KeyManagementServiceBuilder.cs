using System;
using System.Collections.Generic;
using Amazon.Runtime;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    /// <summary>The builder of <see cref="KeyManagementService.NewBuilder"/>.</summary>
    internal sealed class KeyManagementServiceBuilder : IKeyManagementServiceBuilder
    {
        private readonly List<RegionKeyArn> regionKeyArns = new List<RegionKeyArn>();
        private ILoggerFactory loggerFactory;
        private AWSCredentials credentials;
        private IKeyManagementClientFactory clientFactory;
        private KeyManagementServiceOptions options;

        public IKeyManagementServiceBuilder WithLoggerFactory(ILoggerFactory loggerFactory)
        {
            this.loggerFactory = loggerFactory;
            return this;
        }

        public IKeyManagementServiceBuilder WithCredentials(AWSCredentials credentials)
        {
            this.credentials = credentials;
            return this;
        }

        public IKeyManagementServiceBuilder WithKmsClientFactory(IKeyManagementClientFactory kmsClientFactory)
        {
            clientFactory = kmsClientFactory;
            return this;
        }

        public IKeyManagementServiceBuilder WithRegionKeyArn(string region, string keyArn)
        {
            if (string.IsNullOrEmpty(region))
            {
                throw new ArgumentException("Region cannot be null or empty", nameof(region));
            }

            if (string.IsNullOrEmpty(keyArn))
            {
                throw new ArgumentException("Key ARN cannot be null or empty", nameof(keyArn));
            }

            regionKeyArns.Add(new RegionKeyArn { Region = region, KeyArn = keyArn });
            return this;
        }

        public IKeyManagementServiceBuilder WithOptions(KeyManagementServiceOptions options)
        {
            this.options = options;
            return this;
        }

        public KeyManagementService Build()
        {
            if (loggerFactory == null)
            {
                throw new InvalidOperationException("LoggerFactory must be provided");
            }

            if (options == null && regionKeyArns.Count == 0)
            {
                throw new InvalidOperationException(
                    "At least one region and key ARN pair must be provided if not using WithOptions");
            }

            if (clientFactory == null && credentials == null)
            {
                throw new InvalidOperationException("Either credentials or a KMS client factory must be provided");
            }

            return new KeyManagementService(
                options ?? new KeyManagementServiceOptions { RegionKeyArns = regionKeyArns },
                clientFactory ?? new KeyManagementClientFactory(credentials),
                loggerFactory);
        }
    }
}
