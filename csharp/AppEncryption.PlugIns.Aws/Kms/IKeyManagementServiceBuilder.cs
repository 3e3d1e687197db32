using System;
using Amazon.Runtime;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    /// <summary>Collects what a <see cref="KeyManagementService"/> is made of.</summary>
    public interface IKeyManagementServiceBuilder
    {
        /// <summary>Sets where log lines go. Required.</summary>
        /// <param name="loggerFactory">Makes the logger.</param>
        /// <returns>This builder.</returns>
        IKeyManagementServiceBuilder WithLoggerFactory(ILoggerFactory loggerFactory);

        /// <summary>Sets the credentials. These or a client factory are required.</summary>
        /// <param name="credentials">The credentials.</param>
        /// <returns>This builder.</returns>
        IKeyManagementServiceBuilder WithCredentials(AWSCredentials credentials);

        /// <summary>Sets what makes the clients of AWS KMS; credentials that are set are then not used.</summary>
        /// <param name="kmsClientFactory">Makes clients.</param>
        /// <returns>This builder.</returns>
        IKeyManagementServiceBuilder WithKmsClientFactory(IKeyManagementClientFactory kmsClientFactory);

        /// <summary>Adds a region, to be asked after those before it.</summary>
        /// <param name="region">The region.</param>
        /// <param name="keyArn">The ARN of its key.</param>
        /// <returns>This builder.</returns>
        /// <exception cref="ArgumentException">One of them is null or empty.</exception>
        IKeyManagementServiceBuilder WithRegionKeyArn(string region, string keyArn);

        /// <summary>Sets the regions; those that were added one by one are then not used.</summary>
        /// <param name="options">The regions.</param>
        /// <returns>This builder.</returns>
        IKeyManagementServiceBuilder WithOptions(KeyManagementServiceOptions options);

        /// <summary>Makes the service. Asks no server.</summary>
        /// <returns>The service, to dispose at the end.</returns>
        /// <exception cref="InvalidOperationException">There is no logger factory, no region, or neither credentials
        /// nor a client factory.</exception>
        /// <exception cref="ArgumentException">A region or a key is missing or malformed.</exception>
        KeyManagementService Build();
    }
}
