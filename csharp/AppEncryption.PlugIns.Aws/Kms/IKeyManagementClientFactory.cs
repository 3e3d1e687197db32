#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    public interface IKeyManagementClientFactory
    {
        Amazon.KeyManagementService.IAmazonKeyManagementService CreateForRegion(string region);
    }
}
