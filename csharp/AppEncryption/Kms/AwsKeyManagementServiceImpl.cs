#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    [Obsolete("Use the Kms.KeyManagementService from the GoDaddy.Asherah.AppEncryption.PlugIns.Aws package instead. This will be removed in a future release.")] public class AwsKeyManagementServiceImpl : GoDaddy.Asherah.AppEncryption.Kms.KeyManagementService
    {
        public override GoDaddy.Asherah.Crypto.Keys.CryptoKey DecryptKey(byte[] keyCipherText, System.DateTimeOffset keyCreated, bool revoked) { throw null; }
        public override byte[] EncryptKey(GoDaddy.Asherah.Crypto.Keys.CryptoKey key) { throw null; }
        public static GoDaddy.Asherah.AppEncryption.Kms.AwsKeyManagementServiceImpl.Builder NewBuilder(System.Collections.Generic.Dictionary<string, string> regionToArnDictionary, string region) { throw null; }
        internal AwsKeyManagementServiceImpl() { }
        public sealed class Builder : GoDaddy.Asherah.AppEncryption.Kms.AwsKeyManagementServiceImpl.IBuildStep
        {
            public GoDaddy.Asherah.AppEncryption.Kms.AwsKeyManagementServiceImpl Build() { throw null; }
            public Builder(System.Collections.Generic.Dictionary<string, string> regionToArnDictionary, string region) { throw null; }
            public GoDaddy.Asherah.AppEncryption.Kms.AwsKeyManagementServiceImpl.IBuildStep WithCredentials(Amazon.Runtime.AWSCredentials credentials) { throw null; }
            public GoDaddy.Asherah.AppEncryption.Kms.AwsKeyManagementServiceImpl.IBuildStep WithLogger(Microsoft.Extensions.Logging.ILogger logger) { throw null; }
        }
        public interface IBuildStep
        {
            GoDaddy.Asherah.AppEncryption.Kms.AwsKeyManagementServiceImpl Build();
            GoDaddy.Asherah.AppEncryption.Kms.AwsKeyManagementServiceImpl.IBuildStep WithCredentials(Amazon.Runtime.AWSCredentials credentials);
            GoDaddy.Asherah.AppEncryption.Kms.AwsKeyManagementServiceImpl.IBuildStep WithLogger(Microsoft.Extensions.Logging.ILogger logger);
        }
    }
}
