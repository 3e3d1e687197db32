using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Linq;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Persistence;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Newtonsoft.Json.Linq;
using Npgsql;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>The ways of a metastore to its table: a database and who asks it.</summary>
    internal static class Ways
    {
        private static readonly string[] Tables =
        {
            "postgres native",
            "postgres managed",
            "postgres other",
            "mariadb native",
            "sqlserver native",
            "sqlserver managed",
            "sqlserver other",
            "sqlite managed",
            "sqlite other",
            "dynamodb native",
            "dynamodb client",
            "dynamodb refreshing",
        };

        /// <summary>Gets every way.</summary>
        public static TheoryData<string> All => new TheoryData<string>(Tables.Append("memory"));

        /// <summary>Gets every way to a table that outlives the metastore.</summary>
        public static TheoryData<string> ToTables => new TheoryData<string>(Tables);

        /// <summary>Gets every way to a table of a relational database.</summary>
        public static TheoryData<string> ToSqlTables =>
            new TheoryData<string>(Tables.Where(w => !w.StartsWith("dynamodb", StringComparison.Ordinal)));

        /// <summary>Gets every two ways to one table.</summary>
        public static TheoryData<string, string> Pairs
        {
            get
            {
                var pairs = new TheoryData<string, string>();
                foreach (string writer in Tables)
                {
                    foreach (string reader in Tables.Where(w => w.Split(' ')[0] == writer.Split(' ')[0]))
                    {
                        pairs.Add(writer, reader);
                    }
                }

                return pairs;
            }
        }

        internal static bool IsNative(string way)
        {
            return way.EndsWith("native", StringComparison.Ordinal);
        }

        internal static IMetastore<JObject> Open(Servers servers, string way)
        {
            switch (way)
            {
                case "postgres native":
                    return Ado(NpgsqlFactory.Instance, servers.Postgres.ConnectionString);
                case "postgres managed":
                    return Managed(() => Ado(NpgsqlFactory.Instance, servers.Postgres.ConnectionString));
                case "postgres other":
                    return Ado(new OtherFactory(NpgsqlFactory.Instance), servers.Postgres.ConnectionString);
                case "mariadb native":
                    return Ado(MySqlConnector.MySqlConnectorFactory.Instance, servers.MariaDb.ConnectionString);
                case "sqlserver native":
                    return Ado(SqlClientFactory.Instance, servers.SqlServer.ConnectionString);
                case "sqlserver managed":
                    return Managed(() => Ado(SqlClientFactory.Instance, servers.SqlServer.ConnectionString));
                case "sqlserver other":
                    return Ado(new OtherFactory(SqlClientFactory.Instance), servers.SqlServer.ConnectionString);
                case "sqlite managed":
                    return Ado(SqliteFactory.Instance, servers.Sqlite.ConnectionString);
                case "sqlite other":
                    return Ado(new OtherFactory(SqliteFactory.Instance), servers.Sqlite.ConnectionString);
                case "dynamodb native":
                    return DynamoDb(servers).WithCredentials(new BasicAWSCredentials("id", "secret")).Build();
                case "dynamodb client":
                    return DynamoDbMetastoreImpl.NewBuilder(DynaliteServer.Region)
                        .WithDynamoDbClient(servers.Dynalite.Client).Build();
                case "dynamodb refreshing":
                    return DynamoDb(servers).WithCredentials(new RefreshingCredentials()).Build();
                case "memory":
                    return new InMemoryMetastoreImpl<JObject>();
                default:
                    throw new ArgumentException("There is no such way.", nameof(way));
            }
        }

        /// <summary>Opens a metastore as the managed engine does.</summary>
        internal static IMetastore<JObject> Managed(Func<IMetastore<JObject>> open)
        {
            AppContext.SetSwitch(EngineChoice.Switch, true);
            try
            {
                return open();
            }
            finally
            {
                AppContext.SetSwitch(EngineChoice.Switch, false);
            }
        }

        internal static AdoMetastoreImpl Ado(DbProviderFactory factory, string connectionString)
        {
            return AdoMetastoreImpl.NewBuilder(factory, connectionString).Build();
        }

        internal static DynamoDbMetastoreImpl.IBuildStep DynamoDb(Servers servers)
        {
            return DynamoDbMetastoreImpl.NewBuilder(DynaliteServer.Region)
                .WithEndPointConfiguration(servers.Dynalite.Url, DynaliteServer.Region);
        }

        /// <summary>Makes the record of a system key, or of an intermediate one.</summary>
        internal static JObject Record(DateTimeOffset created, bool revoked = false, string parent = null)
        {
            var key = new byte[60];
            new Random().NextBytes(key);
            var record = new JObject
            {
                { "Created", created.ToUnixTimeSeconds() },
                { "Key", Convert.ToBase64String(key) },
            };
            if (parent != null)
            {
                record.Add(
                    "ParentKeyMeta",
                    new JObject { { "KeyId", parent }, { "Created", created.ToUnixTimeSeconds() - 60 } });
            }

            record.Add("Revoked", revoked);
            return record;
        }

        /// <summary>Makes a key id that no other test has.</summary>
        internal static string NewId(string text = "")
        {
            return "_IK_" + Guid.NewGuid().ToString("N") + text;
        }
    }
}
