using System;
using System.Collections.Generic;
using System.Linq;
using Amazon.Runtime.Credentials;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms;
using GoDaddy.Asherah.Crypto.Keys;
using Microsoft.Extensions.Logging.Abstractions;
using PlugIn = GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementService;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>AWS itself.</summary>
    public sealed class LiveTests
    {
        /// <summary>Holds ARNs of keys, separated by commas, the preferred one first; the credentials are those that
        /// the AWS SDK finds.</summary>
        private const string Variable = "ASHERAH_TEST_AWS_KMS";

        [LiveFact]
        public void NativeAndManagedReadEachOther()
        {
            Dictionary<string, string> keys = Environment.GetEnvironmentVariable(Variable).Split(',')
                .ToDictionary(arn => arn.Split(':')[3]);
            IKeyManagementService[] both =
            {
                Services.Legacy(keys).Build(),
                Services.Fill(
                    PlugIn.NewBuilder().WithCredentials(DefaultAWSCredentialsIdentityResolver.GetCredentials()),
                    keys,
                    NullLogger.Instance),
            };
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            for (int i = 0; i < 2; i++)
            {
                SystemKeys.MustBe(bytes, both[1 - i].DecryptKey(both[i].EncryptKey(key), SystemKeys.Created, false));
            }
        }

        [AttributeUsage(AttributeTargets.Method)]
        private sealed class LiveFactAttribute : FactAttribute
        {
            public LiveFactAttribute()
            {
                if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
                {
                    Skip = Variable + " is not set: AWS itself is not asked";
                }
            }
        }
    }
}
