#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    public interface IKeyManagementServiceBuilder
    {
        GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.IKeyManagementServiceBuilder WithCredentials(Amazon.Runtime.AWSCredentials credentials);
        GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.IKeyManagementServiceBuilder WithKmsClientFactory(GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.IKeyManagementClientFactory kmsClientFactory);
        GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.IKeyManagementServiceBuilder WithLoggerFactory(Microsoft.Extensions.Logging.ILoggerFactory loggerFactory);
        GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.IKeyManagementServiceBuilder WithOptions(GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementServiceOptions options);
        GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.IKeyManagementServiceBuilder WithRegionKeyArn(string region, string keyArn);
        GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementService Build();
    }
}
