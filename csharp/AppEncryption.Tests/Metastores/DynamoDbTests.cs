using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    [Collection(Servers.Name)]
    public sealed class DynamoDbTests
    {
        private static readonly DateTimeOffset Then = new DateTimeOffset(2024, 3, 5, 18, 28, 0, TimeSpan.Zero);

        private static readonly BasicAWSCredentials Keys = new BasicAWSCredentials("id", "secret");

        private readonly Servers servers;

        public DynamoDbTests(Servers servers)
        {
            this.servers = servers;
        }

        [Fact]
        public void NullsAreRefused()
        {
            Assert.Throws<ArgumentNullException>("key", () => DynamoDbMetastoreImpl.NewBuilder(null).Build());
            Assert.Throws<ArgumentNullException>("key", () => DynamoDbMetastoreImpl.NewBuilder("r").WithRegion(null));
            Assert.Throws<ArgumentNullException>(
                "tableName", () => DynamoDbMetastoreImpl.NewBuilder("r").WithTableName(null));
            Assert.Throws<ArgumentException>(() => DynamoDbMetastoreImpl.NewBuilder(string.Empty).Build());
            Assert.Throws<ArgumentNullException>(
                "key",
                () => DynamoDbMetastoreImpl.NewBuilder(null).WithDynamoDbClient(servers.Dynalite.Client).WithKeySuffix()
                    .Build());
        }

        [Fact]
        public void TheFirstOfEndPointAndRegionStands()
        {
            IMetastore<JObject> endPoint = Ways.DynamoDb(servers).WithCredentials(Keys).WithRegion("eu-west-1").Build();
            Assert.True(endPoint.LoadLatest("none").IsNone);
            using var environment = new TemporaryEnvironment("AWS_ENDPOINT_URL_DYNAMODB", servers.Dynalite.Url);
            IMetastore<JObject> region = DynamoDbMetastoreImpl.NewBuilder("eu-west-1").WithRegion(DynaliteServer.Region)
                .WithEndPointConfiguration("http://127.0.0.1:1", "eu-west-1").WithCredentials(Keys).Build();
            Assert.True(region.LoadLatest("none").IsNone);
        }

        [Fact]
        public void TheSuffixIsThePreferredRegionOfItsOwnInstance()
        {
            DynamoDbMetastoreImpl.IBuildStep Builder() => DynamoDbMetastoreImpl.NewBuilder("eu-west-1")
                .WithEndPointConfiguration(servers.Dynalite.Url, DynaliteServer.Region).WithCredentials(Keys);
            DynamoDbMetastoreImpl with = Builder().WithKeySuffix().Build();
            DynamoDbMetastoreImpl without = Builder().Build();
            Assert.Equal("eu-west-1", with.GetKeySuffix());
            Assert.Equal(string.Empty, without.GetKeySuffix());
            Assert.Equal("eu-west-1", with.GetKeySuffix());
            string service = Guid.NewGuid().ToString("N");
            Assert.EndsWith("_" + service + "_product_eu-west-1", ParentOf(with, service));
            Assert.EndsWith("_" + service + "_product", ParentOf(without, service));
            DynamoDbMetastoreImpl client = DynamoDbMetastoreImpl.NewBuilder("eu-west-1")
                .WithDynamoDbClient(servers.Dynalite.Client).WithKeySuffix().Build();
            Assert.EndsWith("_" + service + "_product_eu-west-1", ParentOf(client, service));
        }

        [Fact]
        public void SettingsAreThoseOfDotNetsEnvironment()
        {
            using var endPoint = new TemporaryEnvironment("AWS_ENDPOINT_URL_DYNAMODB", servers.Dynalite.Url);
            using var id = new TemporaryEnvironment("AWS_ACCESS_KEY_ID", "id");
            using var secret = new TemporaryEnvironment("AWS_SECRET_ACCESS_KEY", "sec\"ret\\");
            using var imds = new TemporaryEnvironment("AWS_EC2_METADATA_DISABLED", "true");
            DynamoDbMetastoreImpl metastore = DynamoDbMetastoreImpl.NewBuilder(DynaliteServer.Region).Build();
            Assert.NotNull(((INativeMetastore)metastore).NativeHandle);
            Assert.True(metastore.LoadLatest("none").IsNone);
        }

        [Fact]
        public void CDoesNotSeeDotNetsEnvironmentByItself()
        {
            using var imds = new TemporaryEnvironment("AWS_EC2_METADATA_DISABLED", "true");
            SetNative("{\"AWS_EC2_METADATA_DISABLED\":\"true\"}");
            using var endPoint = new TemporaryEnvironment("AWS_ENDPOINT_URL_DYNAMODB", servers.Dynalite.Url);
            using var id = new TemporaryEnvironment("AWS_ACCESS_KEY_ID", "id");
            using var secret = new TemporaryEnvironment("AWS_SECRET_ACCESS_KEY", "secret");
            NativeKeyStore Open() => NativeKeyStore.Open(json =>
            {
                NativeKeyStore.AddField(json, "Metastore", "dynamodb");
                NativeKeyStore.AddField(json, "DynamoDBRegion", DynaliteServer.Region);
            });
            AppEncryptionException e = Assert.Throws<AppEncryptionException>(() => Open().LoadLatest("none"));
            Assert.Contains("credentials", e.Message);
            Assert.Null(NativeEnvironment.WithAwsSettings(Open).LoadLatest("none"));
        }

        [Fact]
        public void SecretsAmongTheSettingsAreTakenBack()
        {
            using var id = new TemporaryEnvironment("AWS_ACCESS_KEY_ID", "id");
            using var secret = new TemporaryEnvironment("AWS_SECRET_ACCESS_KEY", "secret");
            long before = NativeEnvironment.WithAwsSettings(Statistics.LiveSecrets);
            Assert.Equal(before - 1, Statistics.LiveSecrets());
        }

        private static unsafe void SetNative(string json)
        {
            PlatformNative.Interop.NativeLoader.EnsureLoaded();
            fixed (byte* text = TestSetup.Bytes(json + "\0"))
            {
                Assert.Equal(0, PlatformNative.Interop.Native.asherah_set_env(text));
            }
        }

        [Fact]
        public void TableNamesAreUsed()
        {
            servers.Dynalite.NewTable("Other");
            string id = Ways.NewId();
            Assert.True(Ways.DynamoDb(servers).WithCredentials(Keys).WithTableName("Other").Build()
                .Store(id, Then, Ways.Record(Then)));
            Assert.True(DynamoDbMetastoreImpl.NewBuilder("r").WithDynamoDbClient(servers.Dynalite.Client)
                .WithTableName("Other").Build().Load(id, Then).IsSome);
            Assert.True(Ways.Open(servers, "dynamodb native").Load(id, Then).IsNone);
        }

        [Fact]
        public void CredentialsThatAreReplacedAreAskedForAnew()
        {
            var credentials = new RefreshingCredentials();
            DynamoDbMetastoreImpl metastore = Ways.DynamoDb(servers).WithCredentials(credentials).Build();
            Assert.Null(((INativeMetastore)metastore).NativeHandle);
            metastore.LoadLatest("none");
            int made = credentials.Made;
            Assert.True(made > 0);
            credentials.ClearCredentials();
            metastore.LoadLatest("none");
            Assert.True(credentials.Made > made);
        }

        [Theory]
        [InlineData("dynamodb native")]
        [InlineData("dynamodb client")]
        public async Task ItemsHaveTheCanonicalShape(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            foreach (bool revoked in new[] { false, true })
            {
                string id = Ways.NewId();
                JObject record = Ways.Record(Then, revoked, revoked ? "_SK_x" : null);
                Assert.True(metastore.Store(id, Then, record));
                Dictionary<string, AttributeValue> item = (await servers.Dynalite.Client.GetItemAsync(
                    "EncryptionKey",
                    new Dictionary<string, AttributeValue>
                    {
                        ["Id"] = new AttributeValue { S = id },
                        ["Created"] = new AttributeValue { N = "1709663280" },
                    })).Item;
                Assert.Equal(new[] { "Created", "Id", "KeyRecord" }, item.Keys.OrderBy(k => k));
                Dictionary<string, AttributeValue> map = item["KeyRecord"].M;
                Assert.Equal("1709663280", map["Created"].N);
                Assert.Equal((string)record["Key"], map["Key"].S);
                Assert.Equal(revoked ? 4 : 2, map.Count);
                if (revoked)
                {
                    Assert.True(map["Revoked"].BOOL);
                    Assert.Equal("_SK_x", map["ParentKeyMeta"].M["KeyId"].S);
                    Assert.Equal("1709663220", map["ParentKeyMeta"].M["Created"].N);
                    Assert.Equal(2, map["ParentKeyMeta"].M.Count);
                }
            }
        }

        [Fact]
        public void TheCallersClientIsUsedAndAskedConsistently()
        {
            using var client = new RecordingClient(servers.Dynalite.Url);
            DynamoDbMetastoreImpl metastore = DynamoDbMetastoreImpl.NewBuilder(DynaliteServer.Region)
                .WithDynamoDbClient(client).Build();
            string service = Guid.NewGuid().ToString("N");
            using SessionFactory factory = MetastoreSuite.NewFactory(metastore, service);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = session.Encrypt(new byte[1]);
            Assert.Equal(new[] { "Query", "Query", "PutItem", "PutItem" }, client.Calls);
            session.Encrypt(new byte[1]);
            Assert.Equal(4, client.Calls.Count);
            using SessionFactory other = MetastoreSuite.NewFactory(metastore, service);
            using Session<byte[], byte[]> reader = other.GetSessionBytes("partition");
            reader.Decrypt(record);
            Assert.Equal(new[] { "GetItem", "GetItem" }, client.Calls.Skip(4));
        }

        [Theory]
        [InlineData(true)]
        [InlineData(false)]
        public void FailuresBeginAsCanonicalOnes(bool native)
        {
            var logger = new RecordingLogger();
            DynamoDbMetastoreImpl.IBuildStep builder = native
                ? Ways.DynamoDb(servers).WithCredentials(Keys)
                : DynamoDbMetastoreImpl.NewBuilder("r").WithDynamoDbClient(servers.Dynalite.Client);
            DynamoDbMetastoreImpl metastore = builder.WithTableName("Missing").WithLogger(logger).Build();
            Assert.Throws<AppEncryptionException>(() => metastore.Load("id", Then));
            Assert.Throws<AppEncryptionException>(() => metastore.LoadLatest("id"));
            AppEncryptionException e = Assert.Throws<AppEncryptionException>(
                () => metastore.Store("id", Then, Ways.Record(Then)));
            Assert.StartsWith("Metastore error:", e.Message);
            Assert.Equal(
                new[] { "Error: Metastore error", "Error: Metastore error", "Error: Metastore error during store" },
                logger.Lines);
        }

        [Fact]
        public void DuplicatesAreLogged()
        {
            var logger = new RecordingLogger();
            DynamoDbMetastoreImpl metastore = Ways.DynamoDb(servers).WithCredentials(Keys).WithLogger(logger).Build();
            string id = Ways.NewId();
            Assert.True(metastore.Store(id, Then, Ways.Record(Then)));
            Assert.False(metastore.Store(id, Then, Ways.Record(Then)));
            Assert.StartsWith("Information: Attempted to create duplicate key: " + id, Assert.Single(logger.Lines));
        }

        private static string ParentOf(IMetastore<JObject> metastore, string service)
        {
            using SessionFactory factory = MetastoreSuite.NewFactory(metastore, service);
            using Session<byte[], JObject> session = factory.GetSessionBytesAsJson("partition");
            return (string)session.Encrypt(new byte[1])["Key"]["ParentKeyMeta"]["KeyId"];
        }

        private sealed class RecordingClient : AmazonDynamoDBClient
        {
            internal RecordingClient(string url)
                : base(Keys, new AmazonDynamoDBConfig { ServiceURL = url, AuthenticationRegion = "us-west-2" })
            {
            }

            internal List<string> Calls { get; } = new List<string>();

            public override Task<GetItemResponse> GetItemAsync(GetItemRequest request, CancellationToken end = default)
            {
                Assert.True(request.ConsistentRead);
                Calls.Add("GetItem");
                return base.GetItemAsync(request, end);
            }

            public override Task<QueryResponse> QueryAsync(QueryRequest request, CancellationToken end = default)
            {
                Assert.True(request.ConsistentRead);
                Assert.Equal(1, request.Limit);
                Calls.Add("Query");
                return base.QueryAsync(request, end);
            }

            public override Task<PutItemResponse> PutItemAsync(PutItemRequest request, CancellationToken end = default)
            {
                Assert.Equal("attribute_not_exists(#id)", request.ConditionExpression);
                Calls.Add("PutItem");
                return base.PutItemAsync(request, end);
            }
        }

        private sealed class TemporaryEnvironment : IDisposable
        {
            private readonly string name;
            private readonly string before;

            internal TemporaryEnvironment(string name, string value)
            {
                this.name = name;
                before = Environment.GetEnvironmentVariable(name);
                Environment.SetEnvironmentVariable(name, value);
            }

            public void Dispose()
            {
                Environment.SetEnvironmentVariable(name, before);
            }
        }
    }
}
