using System;
using GoDaddy.Asherah.AppEncryption.Kms.Aws;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    /// <summary>The log lines of <see cref="KeyManagementService"/>, whose templates and numbers operators look
    /// for.</summary>
    internal sealed class KeyManagementServiceLog : AwsKmsObserver
    {
        private const string Name = nameof(KeyManagementService);

        private readonly ILogger logger;

        internal KeyManagementServiceLog(ILogger logger)
        {
            this.logger = logger;
        }

        internal override void GenerateFailed(string region, Exception error)
        {
            logger.LogWarning(
                new EventId(1, Name),
                error,
                "Failed to generate data key via region {Region} KMS, trying next region",
                region);
        }

        internal override void EncryptFailed(Exception error)
        {
            logger.LogError(
                new EventId(2, Name), error, "Unexpected execution exception while encrypting KMS data key");
        }

        internal override void DecryptFailed(string region, Exception error)
        {
            logger.LogWarning(
                new EventId(3, Name), error, "Failed to decrypt via region {Region} KMS, trying next region", region);
        }
    }
}
