#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    public class KeyManagementClientFactory : GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.IKeyManagementClientFactory
    {
        public Amazon.KeyManagementService.IAmazonKeyManagementService CreateForRegion(string region) { throw null; }
        public KeyManagementClientFactory(Amazon.Runtime.AWSCredentials credentials) { throw null; }
    }
}
