using System;
using System.Collections.Generic;
using System.Reflection;
using System.Text.Json;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms;
using Microsoft.Extensions.Logging.Abstractions;
using PlugIn = GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementService;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>The builders of what AWS has, as far as they go without AWS.</summary>
    internal static class Aws
    {
        private const string West = "arn:aws:kms:us-west-2:111122223333:key/west";
        private const string East = "arn:aws:kms:us-east-1:111122223333:key/east";

        internal static void Run()
        {
            var credentials = new BasicAWSCredentials("key", "secret");
            var options = JsonSerializer.Deserialize<KeyManagementServiceOptions>(
                "{\"regionKeyArns\":[{\"region\":\"us-west-2\",\"keyArn\":\"" + West + "\"}," +
                "{\"region\":\"us-east-1\",\"keyArn\":\"" + East + "\"}]}");
            options = options.OptimizeByRegions("us-east-1", "us-west-2");
            Expect.Same("us-east-1", options.RegionKeyArns[0].Region);
            Expect.Same(East, options.RegionKeyArns[0].KeyArn);

            var clients = new Clients();
            using (PlugIn kms = PlugIn.NewBuilder()
                .WithLoggerFactory(NullLoggerFactory.Instance)
                .WithRegionKeyArn("us-west-2", West)
                .WithKmsClientFactory(clients)
                .Build())
            {
                Expect.True(kms is IKeyManagementService);
                Expect.Throws<KmsException>(() => kms.DecryptKey(
                    System.Text.Encoding.UTF8.GetBytes(
                        "{\"encryptedKey\":\"AAAA\",\"kmsKeks\":[{\"region\":\"us-west-2\",\"arn\":\"" + West +
                        "\",\"encryptedKek\":\"AAAA\"}]}"),
                    DateTimeOffset.UtcNow,
                    false));
            }

            Expect.True(clients.Asked.Contains("us-west-2"));
            using (new PlugIn(options, new KeyManagementClientFactory(credentials), NullLoggerFactory.Instance))
            {
                Expect.Throws<InvalidOperationException>(() => PlugIn.NewBuilder().Build());
            }

#pragma warning disable CS0618 // What is obsolete is there still.
            AwsKeyManagementServiceImpl legacy = AwsKeyManagementServiceImpl.NewBuilder(
                    new Dictionary<string, string> { ["us-west-2"] = West, ["us-east-1"] = East }, "us-west-2")
                .WithCredentials(credentials)
                .WithLogger(NullLogger.Instance)
                .Build();
            Expect.True(legacy is GoDaddy.Asherah.AppEncryption.Kms.KeyManagementService);
#pragma warning restore CS0618

            DynamoDbMetastoreImpl plain = DynamoDbMetastoreImpl.NewBuilder("us-west-2").Build();
            Expect.Same(string.Empty, plain.GetKeySuffix());
            DynamoDbMetastoreImpl suffixed = DynamoDbMetastoreImpl.NewBuilder("us-west-2")
                .WithEndPointConfiguration("http://localhost:8000", "us-west-2")
                .WithTableName("Keys")
                .WithKeySuffix()
                .WithCredentials(credentials)
                .WithLogger(NullLogger.Instance)
                .Build();
            Expect.Same("us-west-2", suffixed.GetKeySuffix());
        }

        /// <summary>A client of a service that is down.</summary>
        public class Client : DispatchProxy
        {
            protected override object Invoke(MethodInfo targetMethod, object[] args)
            {
                return targetMethod.ReturnType == typeof(void)
                    ? null
                    : throw new AmazonServiceException("The service is down.");
            }
        }

        private sealed class Clients : IKeyManagementClientFactory
        {
            internal List<string> Asked { get; } = new List<string>();

            public IAmazonKeyManagementService CreateForRegion(string region)
            {
                Asked.Add(region);
                return DispatchProxy.Create<IAmazonKeyManagementService, Client>();
            }
        }
    }
}
