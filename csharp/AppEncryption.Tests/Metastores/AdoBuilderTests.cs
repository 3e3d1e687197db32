using System;
using System.Data.Common;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Persistence;
using LanguageExt;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Newtonsoft.Json.Linq;
using Npgsql;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    [Collection(Servers.Name)]
    public sealed class AdoBuilderTests
    {
        private readonly Servers servers;

        public AdoBuilderTests(Servers servers)
        {
            this.servers = servers;
        }

        public static TheoryData<string, string> Kinds => new TheoryData<string, string>
        {
            { "mssql", "Microsoft.Data.SqlClient" },
            { "mssql", "System.Data.SqlClient" },
            { "postgres", "Npgsql" },
            { "mysql", "MySqlConnector" },
            { "mysql", "MySql.Data.MySqlClient" },
            { null, "Microsoft.Data.Sqlite" },
            { null, "System.Data.SQLite" },
            { null, "Oracle.ManagedDataAccess.Client" },
            { null, "System.Data.Odbc" },
            { null, "GoDaddy.Asherah.AppEncryption.Tests.Metastores" },
        };

        [Fact]
        public void NullsAreRefusedAtOnce()
        {
            Assert.Throws<ArgumentNullException>("dbProviderFactory", () => AdoMetastoreImpl.NewBuilder(null, "x"));
            Assert.Throws<ArgumentNullException>(
                "connectionString", () => AdoMetastoreImpl.NewBuilder(NpgsqlFactory.Instance, null));
        }

        [Theory]
        [MemberData(nameof(Kinds))]
        public void ProvidersAreKnownByName(string databaseType, string provider)
        {
            Assert.Equal(databaseType, AdoProvider.Of(FactoryOf(provider)).DatabaseType);
        }

        [Fact]
        public void StatementsAreInTheProvidersOwnForm()
        {
            AdoProvider sqlServer = AdoProvider.Of(SqlClientFactory.Instance);
            Assert.Equal(
                "SELECT TOP (1) id, created, key_record FROM encryption_key WHERE id = @id ORDER BY created DESC",
                sqlServer.LatestStatement);
            AdoProvider oracle = AdoProvider.Of(FactoryOf("Oracle.ManagedDataAccess.Client"));
            Assert.Equal(
                "SELECT id, created, key_record FROM encryption_key WHERE id = :id ORDER BY created DESC",
                oracle.LatestStatement);
            AdoProvider odbc = AdoProvider.Of(FactoryOf("System.Data.Odbc"));
            Assert.Equal(
                "SELECT id, created, key_record FROM encryption_key WHERE id = ? AND created = ?", odbc.LoadStatement);
            Assert.Equal(
                "INSERT INTO encryption_key (id, created, key_record) VALUES (?, ?, ?)", odbc.StoreStatement);
        }

        [Fact]
        public void WhatTheLibraryCannotDoTheProviderDoes()
        {
            var logger = new RecordingLogger();
            const string ConnectionString = "Server=db1;Database=keys;Integrated Security=True;App=secret-word";
            INativeMetastore metastore = AdoMetastoreImpl.NewBuilder(SqlClientFactory.Instance, ConnectionString)
                .WithLogger(logger).Build();
            Assert.Null(metastore.NativeHandle);
            string line = Assert.Single(logger.Lines);
            Assert.StartsWith("Warning: The native library cannot use the connection string", line);
            Assert.DoesNotContain("secret-word", line);
        }

        [Theory]
        [InlineData("Microsoft.Data.SqlClient", "Server=db1;NoSuchKeyword=secret-word")]
        [InlineData("Npgsql", "Host=db1;NoSuchKeyword=secret-word")]
        [InlineData("MySqlConnector", "Server=db1;NoSuchKeyword=secret-word")]
        public void WhatNobodyTakesIsRefused(string provider, string connectionString)
        {
            ArgumentException e = Assert.Throws<ArgumentException>(
                () => Ways.Ado(FactoryOf(provider), connectionString));
            Assert.DoesNotContain("secret-word", e.ToString());
        }

        [Fact]
        public void SqliteIsNeverNative()
        {
            Assert.Null(((INativeMetastore)Ways.Ado(SqliteFactory.Instance, "Data Source=:memory:")).NativeHandle);
        }

        [Fact]
        public void AnOverriddenLoadIsCalled()
        {
            IMetastore<JObject> plain = Ways.Open(servers, "postgres native");
            var derived = new CountingMetastore(NpgsqlFactory.Instance, servers.Postgres.ConnectionString);
            Assert.Null(((INativeMetastore)derived).NativeHandle);
            string service = Guid.NewGuid().ToString("N");
            byte[] record;
            using (SessionFactory factory = MetastoreSuite.NewFactory(plain, service))
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                record = session.Encrypt(new byte[1]);
            }

            using (SessionFactory factory = MetastoreSuite.NewFactory(derived, service))
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                Assert.Equal(new byte[1], session.Decrypt(record));
            }

            Assert.Equal(2, derived.Loads);
        }

        [Fact]
        public void EachStepAsksTheDatabaseOnce()
        {
            using var file = new SqliteFile();
            var factory = new OtherFactory(SqliteFactory.Instance);
            AdoMetastoreImpl metastore = Ways.Ado(factory, file.ConnectionString);
            using SessionFactory sessions = MetastoreSuite.NewFactory(metastore, "service");
            using Session<byte[], byte[]> one = sessions.GetSessionBytes("one");
            Assert.Equal(0, factory.Connections);
            one.Encrypt(new byte[1]);
            Assert.Equal(4, factory.Connections);
            using Session<byte[], byte[]> other = sessions.GetSessionBytes("other");
            byte[] record = other.Encrypt(new byte[1]);
            Assert.Equal(6, factory.Connections);
            other.Decrypt(record);
            one.Encrypt(new byte[1]);
            Assert.Equal(6, factory.Connections);
            using SessionFactory cold = MetastoreSuite.NewFactory(metastore, "service");
            using Session<byte[], byte[]> reader = cold.GetSessionBytes("other");
            reader.Decrypt(record);
            Assert.Equal(8, factory.Connections);
        }

        [Fact]
        public void ASessionInAnotherTimeZoneFindsItsOwnRows()
        {
            // The column has no time zone, so that the server writes the time of the session's.
            IMetastore<JObject> metastore = Ways.Managed(() => Ways.Ado(
                NpgsqlFactory.Instance, servers.Postgres.ConnectionString + ";Timezone=Asia/Tokyo"));
            string id = Ways.NewId();
            var then = new DateTimeOffset(2024, 3, 5, 18, 28, 0, TimeSpan.Zero);
            Assert.True(metastore.Store(id, then, Ways.Record(then)));
            var latest = (JObject)metastore.LoadLatest(id);
            Assert.Equal(then.ToUnixTimeSeconds(), (long)latest["Created"]);
            Assert.True(metastore.Load(id, then).IsSome);
        }

        [Fact]
        public void FactoriesShareTheConnectionsOfAMetastore()
        {
            string name = Guid.NewGuid().ToString("N");
            string connectionString = servers.Postgres.ConnectionString + ";Application Name=" + name;
            AdoMetastoreImpl one = Ways.Ado(NpgsqlFactory.Instance, connectionString);
            for (int i = 0; i < 3; i++)
            {
                using SessionFactory factory = MetastoreSuite.NewFactory(one, "service");
                using Session<byte[], byte[]> session = factory.GetSessionBytes(name);
                session.Encrypt(new byte[1]);
            }

            Assert.Equal(1, servers.Postgres.Connections(name));
            AdoMetastoreImpl other = Ways.Ado(NpgsqlFactory.Instance, connectionString);
            Assert.True(other.LoadLatest("_IK_" + name + "_service_product").IsSome);
            Assert.Equal(2, servers.Postgres.Connections(name));
            GC.KeepAlive(one);
        }

        [Fact]
        public void TheLibraryReadsASqliteFileOfTheProviders()
        {
            using var file = new SqliteFile();
            byte[] record;
            using (SessionFactory factory =
                MetastoreSuite.NewFactory(Ways.Ado(SqliteFactory.Instance, file.ConnectionString), "service"))
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                record = session.Encrypt(new byte[] { 7 });
            }

            // Two copies of SQLite must not have the file open at a time.
            SqliteConnection.ClearAllPools();
            using SessionFactory native = TestSetup.NewSqliteFactory(file.Path);
            using Session<byte[], byte[]> reader = native.GetSessionBytes("partition");
            Assert.Equal(new byte[] { 7 }, reader.Decrypt(record));
        }

        [Fact]
        public void RowsOfMariaDbAreAsCanonicalWritesThem()
        {
            IMetastore<JObject> metastore = Ways.Open(servers, "mariadb native");
            string id = Ways.NewId();
            var key = new string('A', 80);
            Assert.True(metastore.Store(
                id,
                new DateTimeOffset(2024, 3, 5, 20, 28, 0, TimeSpan.FromHours(2)),
                new JObject
                {
                    { "Created", 1709663280 },
                    { "Key", key },
                    { "ParentKeyMeta", new JObject { { "KeyId", "_SK_x" }, { "Created", 1709663220 } } },
                    { "Revoked", false },
                }));
            Assert.Equal(
                "2024-03-05 18:28:00 {\"Created\":1709663280,\"Key\":\"" + key + "\"," +
                "\"ParentKeyMeta\":{\"KeyId\":\"_SK_x\",\"Created\":1709663220}}",
                servers.MariaDb.Query(
                    "SELECT CONCAT(created, ' ', key_record) FROM encryption_key WHERE id = '" + id + "'"));
        }

        private static DbProviderFactory FactoryOf(string provider)
        {
            switch (provider)
            {
                case "Microsoft.Data.SqlClient": return SqlClientFactory.Instance;
                case "System.Data.SqlClient": return new System.Data.SqlClient.SqlClientFactory();
                case "Npgsql": return NpgsqlFactory.Instance;
                case "MySqlConnector": return MySqlConnector.MySqlConnectorFactory.Instance;
                case "MySql.Data.MySqlClient": return new MySql.Data.MySqlClient.MySqlClientFactory();
                case "Microsoft.Data.Sqlite": return SqliteFactory.Instance;
                case "System.Data.SQLite": return new System.Data.SQLite.SQLiteFactory();
                case "Oracle.ManagedDataAccess.Client":
                    return new Oracle.ManagedDataAccess.Client.OracleClientFactory();
                case "System.Data.Odbc": return new System.Data.Odbc.OdbcFactory();
                default: return new OtherFactory(SqliteFactory.Instance);
            }
        }

        private sealed class CountingMetastore : AdoMetastoreImpl
        {
            internal CountingMetastore(DbProviderFactory factory, string connectionString)
                : base(factory, connectionString)
            {
            }

            internal int Loads { get; private set; }

            public override Option<JObject> Load(string keyId, DateTimeOffset created)
            {
                Loads++;
                return base.Load(keyId, created);
            }
        }
    }
}
