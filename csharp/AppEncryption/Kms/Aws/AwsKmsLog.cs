using System;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Kms.Aws
{
    /// <summary>The log lines of <see cref="AwsKeyManagementServiceImpl"/>, whose templates operators look
    /// for.</summary>
    internal sealed class AwsKmsLog : AwsKmsObserver
    {
        private readonly ILogger logger;

        internal AwsKmsLog(ILogger logger)
        {
            this.logger = logger;
        }

        internal override void GenerateFailed(string region, Exception error)
        {
            logger?.LogWarning(
                error, "Failed to generate data key via region {Region} KMS, trying next region", region);
        }

        internal override void WrapFailed(string region, Exception error)
        {
            logger?.LogWarning(error, "Failed to encrypt generated data key via region {Region} KMS", region);
        }

        internal override void EncryptFailed(Exception error)
        {
            logger?.LogError(error, "Unexpected execution exception while encrypting KMS data key");
        }

        internal override void DecryptFailed(string region, Exception error)
        {
            logger?.LogWarning(error, "Failed to decrypt via region {Region} KMS, trying next region", region);
        }

        internal override void NoClient(string region)
        {
            logger?.LogWarning(
                "Failed to decrypt due to no client for region {Region}, trying next region", region);
        }
    }
}
