using System.Collections.Generic;
using System.Linq;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PlugIn = GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementService;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>The key management services on AWS KMS: both classes, natively and on clients of the AWS SDK.</summary>
    internal static class Services
    {
        internal const string LegacyNative = "legacy, native";
        internal const string LegacyClients = "legacy, clients";
        internal const string PlugInNative = "plug-in, native";
        internal const string PlugInClients = "plug-in, clients";

        internal static readonly string[] Kinds = { LegacyNative, LegacyClients, PlugInNative, PlugInClients };

        internal static TheoryData<string> All => new TheoryData<string>(Kinds);

        /// <summary>Makes a service for these regions, the first one preferred.</summary>
        internal static IKeyManagementService New(string kind, AwsServer server, params string[] regions)
        {
            return New(kind, server, regions.ToDictionary(r => r, r => server.Keys[r]), NullLogger.Instance);
        }

        internal static IKeyManagementService New(
            string kind, AwsServer server, Dictionary<string, string> keys, ILogger logger)
        {
            var constant = new BasicAWSCredentials(server.AccessKeyId, server.SecretAccessKey);
            IKeyManagementService kms = kind switch
            {
                LegacyNative => Legacy(keys).WithCredentials(constant).WithLogger(logger).Build(),
#pragma warning disable CS0618 // What is obsolete is there still.
                LegacyClients => new AwsKeyManagementServiceImpl(
                    keys, keys.Keys.First(), new BouncyAes256GcmCrypto(), Clients.Of(server), null, logger),
#pragma warning restore CS0618
                PlugInNative => Fill(PlugIn.NewBuilder().WithCredentials(constant), keys, logger),
                _ => Fill(PlugIn.NewBuilder().WithKmsClientFactory(Clients.Of(server)), keys, logger),
            };
            Assert.Equal(kind == LegacyNative || kind == PlugInNative, ((INativeKms)kms).NativeHandle != null);
            return kms;
        }

#pragma warning disable CS0618 // What is obsolete is there still.
        internal static AwsKeyManagementServiceImpl.IBuildStep Legacy(Dictionary<string, string> keys)
        {
            return AwsKeyManagementServiceImpl.NewBuilder(keys, keys.Keys.First());
        }
#pragma warning restore CS0618

        internal static PlugIn Fill(
            IKeyManagementServiceBuilder builder, Dictionary<string, string> keys, ILogger logger)
        {
            foreach (KeyValuePair<string, string> key in keys)
            {
                builder.WithRegionKeyArn(key.Key, key.Value);
            }

            return builder.WithLoggerFactory(new OneLogger(logger)).Build();
        }

        private sealed class OneLogger : ILoggerFactory
        {
            private readonly ILogger logger;

            internal OneLogger(ILogger logger)
            {
                this.logger = logger;
            }

            public void AddProvider(ILoggerProvider provider)
            {
            }

            public ILogger CreateLogger(string categoryName)
            {
                return logger;
            }

            public void Dispose()
            {
            }
        }
    }
}
