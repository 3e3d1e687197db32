using System;
using System.Collections.Generic;
using System.Data.Common;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Amazon.DynamoDBv2.Model;
using GoDaddy.Asherah.AppEncryption.Persistence;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Npgsql;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>Tables as canonical Asherah leaves them, tests/vectors, read by every way to them.</summary>
    [Collection(Servers.Name)]
    public sealed class VectorTests
    {
        // As canonical C# binds them; tests/vectors/sql-shapes.json has it.
        private const string Insert =
            "INSERT INTO encryption_key (id, created, key_record) VALUES (@id, @created, @key_record)";

        private static readonly string[] Files =
        {
            "static-payloads", "static-rotation", "static-revoked", "static-record-shapes",
        };

        private static readonly HashSet<string> Filled = new HashSet<string>();

        private readonly Servers servers;

        public VectorTests(Servers servers)
        {
            this.servers = servers;
        }

        public static TheoryData<string> ToSqlTables => Ways.ToSqlTables;

        [Theory]
        [MemberData(nameof(ToSqlTables))]
        public void RowsOfCanonicalAreRead(string way)
        {
            Fill(way.Split(' ')[0]);
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            int cases = 0;
            foreach (JObject file in Files.Select(Read))
            {
                cases += Decrypt(metastore, file, (JArray)file["cases"]);
            }

            Assert.True(cases > 50, cases + " cases");
        }

        [Theory]
        [InlineData("dynamodb native")]
        [InlineData("dynamodb client")]
        [InlineData("dynamodb refreshing")]
        public async Task ItemsOfCanonicalAreRead(string way)
        {
            JObject wire = Read("dynamodb-wire");
            int cases = 0;
            foreach (JObject scenario in wire["scenarios"].Where(s => (string)s["region_suffix"] == string.Empty))
            {
                string table = "canonical-" + Guid.NewGuid().ToString("N");
                servers.Dynalite.NewTable(table);
                foreach (JObject item in scenario["items"])
                {
                    await servers.Dynalite.Client.PutItemAsync(table, Attribute(new JObject { { "M", item } }).M);
                }

                DynamoDbMetastoreImpl.IBuildStep builder = way == "dynamodb client"
                    ? DynamoDbMetastoreImpl.NewBuilder("r").WithDynamoDbClient(servers.Dynalite.Client)
                    : Ways.DynamoDb(servers).WithCredentials(
                        way == "dynamodb native"
                            ? new Amazon.Runtime.BasicAWSCredentials("id", "secret")
                            : new RefreshingCredentials());
                cases += Decrypt(builder.WithTableName(table).Build(), wire, (JArray)scenario["cases"]);
            }

            Assert.True(cases >= 6, cases + " cases");
        }

        private static int Decrypt(IMetastore<JObject> metastore, JObject file, JArray cases)
        {
            using SessionFactory factory = SessionFactory.NewBuilder((string)file["product"], (string)file["service"])
                .WithMetastore(metastore)
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService((string)file["kms"]["key_utf8"])
                .Build();
            int done = 0;
            foreach (JObject one in cases.Where(c => c["override"] == null && (bool?)c["normative"] != false))
            {
                using Session<byte[], byte[]> session = factory.GetSessionBytes((string)one["partition"]);
                byte[] record = Encoding.UTF8.GetBytes((string)one["drr"]);
                if ((string)one["expect"] == "ok")
                {
                    Assert.Equal(
                        (string)one["plaintext_base64"], Convert.ToBase64String(session.Decrypt(record)));
                }
                else
                {
                    Assert.ThrowsAny<Exception>(() => session.Decrypt(record));
                }

                done++;
            }

            return done;
        }

        private static JObject Read(string file)
        {
            using var reader = new JsonTextReader(
                new StreamReader(TestSetup.Repository("tests/vectors/" + file + ".json")))
            {
                DateParseHandling = DateParseHandling.None,
            };
            return JObject.Load(reader);
        }

        private static AttributeValue Attribute(JToken value)
        {
            JProperty member = ((JObject)value).Properties().Single();
            switch (member.Name)
            {
                case "S": return new AttributeValue { S = (string)member.Value };
                case "N": return new AttributeValue { N = (string)member.Value };
                case "BOOL": return new AttributeValue { BOOL = (bool)member.Value };
                default:
                    return new AttributeValue
                    {
                        M = ((JObject)member.Value).Properties().ToDictionary(p => p.Name, p => Attribute(p.Value)),
                    };
            }
        }

        private void Fill(string database)
        {
            if (!Filled.Add(database))
            {
                return;
            }

            foreach (JToken row in Files.SelectMany(f => Read(f)["metastore"]))
            {
                var id = (string)row["id"];
                var record = (string)row["key_record"];
                DateTime created = DateTimeOffset.FromUnixTimeSeconds((long)row["created"]).UtcDateTime;
                switch (database)
                {
                    case "postgres":
                        Add(NpgsqlFactory.Instance, servers.Postgres.ConnectionString, id, created, record);
                        break;
                    case "sqlserver":
                        Add(SqlClientFactory.Instance, servers.SqlServer.ConnectionString, id, created, record);
                        break;
                    case "sqlite":
                        Add(SqliteFactory.Instance, servers.Sqlite.ConnectionString, id, created, record);
                        break;
                    default:
                        servers.MariaDb.Query(
                            "INSERT INTO encryption_key VALUES (" + Quote(id) + ", '" +
                            created.ToString("yyyy-MM-dd HH:mm:ss") + "', " + Quote(record) + ")");
                        break;
                }
            }
        }

        private static string Quote(string text)
        {
            return "CONVERT(X'" + Convert.ToHexString(Encoding.UTF8.GetBytes(text)) + "' USING utf8mb4)";
        }

        private static void Add(
            DbProviderFactory factory, string connectionString, string id, DateTime created, string record)
        {
            using DbConnection connection = factory.CreateConnection();
            connection.ConnectionString = connectionString;
            connection.Open();
            using DbCommand command = connection.CreateCommand();
            command.CommandText = Insert;
            foreach ((string name, object value) in new (string, object)[]
            {
                ("id", id), ("created", created), ("key_record", record),
            })
            {
                DbParameter parameter = command.CreateParameter();
                parameter.ParameterName = name;
                parameter.Value = value;
                command.Parameters.Add(parameter);
            }

            command.ExecuteNonQuery();
        }
    }
}
