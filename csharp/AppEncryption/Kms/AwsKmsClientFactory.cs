#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    public class AwsKmsClientFactory
    {
        public AwsKmsClientFactory() { throw null; }
    }
}
