using System;
using Amazon;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>What the builder of a <see cref="DynamoDbMetastoreImpl"/> has collected.</summary>
    internal sealed class DynamoDbSettings
    {
        private readonly string preferredRegion;
        private string endPoint;
        private string signingRegion;
        private string region;

        internal DynamoDbSettings(string preferredRegion)
        {
            this.preferredRegion = preferredRegion;
        }

        internal string TableName { get; set; } = "EncryptionKey";

        internal bool HasKeySuffix { get; set; }

        internal IAmazonDynamoDB Client { get; set; }

        internal AWSCredentials Credentials { get; set; }

        /// <summary>Gets what the ids of keys end in, empty for nothing.</summary>
        internal string KeySuffix => HasKeySuffix ? Require(preferredRegion) : string.Empty;

        // Those of the SDK's two classes stay as they are; others, roles and containers among them, replace theirs.
        private bool HasStaticCredentials =>
            Credentials == null || Credentials.GetType() == typeof(BasicAWSCredentials) ||
            Credentials.GetType() == typeof(SessionAWSCredentials);

        /// <summary>Sets the endpoint, unless there is a region.</summary>
        internal void SetEndPoint(string url, string signedFor)
        {
            if (region == null)
            {
                endPoint = url;
                signingRegion = signedFor;
            }
        }

        /// <summary>Sets the region, unless there is an endpoint.</summary>
        internal void SetRegion(string name)
        {
            if (endPoint == null)
            {
                region = Require(name);
            }
        }

        /// <summary>Opens what the settings say: the native library's store, or one over a managed client.</summary>
        internal IKeyStore Open()
        {
            string suffix = KeySuffix;
            if (Client != null)
            {
                return new DynamoDbKeyStore(Client, TableName);
            }

            string tableRegion = RegionEndpoint.GetBySystemName(Require(signingRegion ?? region ?? preferredRegion))
                .SystemName;
            if (!HasStaticCredentials || EngineChoice.IsManaged())
            {
                return new DynamoDbKeyStore(NewClient(), TableName);
            }

            return NativeEnvironment.WithAwsSettings(
                () => NativeKeyStore.Open(json => Write(json, tableRegion, suffix)));
        }

        // The name that the SDK's own look-up gives this argument, which callers may have tests for.
        private static string Require(string region)
        {
            if (region == null)
            {
                throw new ArgumentNullException("key", "There is no region.");
            }

            return region.Length != 0 ? region : throw new ArgumentException("The region is empty.", nameof(region));
        }

        private AmazonDynamoDBClient NewClient()
        {
            var config = new AmazonDynamoDBConfig();
            if (endPoint != null)
            {
                config.ServiceURL = endPoint;
                config.AuthenticationRegion = signingRegion;
            }
            else
            {
                config.RegionEndpoint = RegionEndpoint.GetBySystemName(region ?? preferredRegion);
            }

            return Credentials == null
                ? new AmazonDynamoDBClient(config)
                : new AmazonDynamoDBClient(Credentials, config);
        }

        private void Write(SecretBuffer json, string tableRegion, string suffix)
        {
            NativeKeyStore.AddField(json, "Metastore", "dynamodb");
            NativeKeyStore.AddField(json, "DynamoDBTableName", TableName);
            NativeKeyStore.AddField(json, "DynamoDBRegion", tableRegion);
            NativeKeyStore.AddField(json, "DynamoDBEndpoint", endPoint);
            if (suffix.Length != 0)
            {
                // Not EnableRegionSuffix: the suffix is the preferred region, whatever the table's.
                NativeKeyStore.AddField(json, "RegionSuffix", suffix);
            }

            if (Credentials == null)
            {
                return;
            }

            ImmutableCredentials keys = Credentials.GetCredentials();
            NativeKeyStore.AddField(json, "AwsAccessKeyId", keys.AccessKey);
            NativeKeyStore.AddField(json, "AwsSecretAccessKey", keys.SecretKey);
            NativeKeyStore.AddField(json, "AwsSessionToken", string.IsNullOrEmpty(keys.Token) ? null : keys.Token);
        }
    }
}
