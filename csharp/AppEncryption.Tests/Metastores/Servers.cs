using System;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>The servers of the metastores' tests, each started by the first test that asks for it. One that is
    /// missing fails the test.</summary>
    public sealed class Servers : IDisposable
    {
        internal const string Name = "Servers";

        private readonly Lazy<PostgresServer> postgres = new Lazy<PostgresServer>(() => new PostgresServer());
        private readonly Lazy<MariaDbServer> mariaDb = new Lazy<MariaDbServer>(() => new MariaDbServer());
        private readonly Lazy<SqlServerStandIn> sqlServer = new Lazy<SqlServerStandIn>(() => new SqlServerStandIn());
        private readonly Lazy<DynaliteServer> dynalite = new Lazy<DynaliteServer>(() => new DynaliteServer());

        private readonly Lazy<SqliteFile> sqlite = new Lazy<SqliteFile>(() => new SqliteFile());

        internal PostgresServer Postgres => postgres.Value;

        internal MariaDbServer MariaDb => mariaDb.Value;

        internal SqlServerStandIn SqlServer => sqlServer.Value;

        internal DynaliteServer Dynalite => dynalite.Value;

        internal SqliteFile Sqlite => sqlite.Value;

        public void Dispose()
        {
            End(postgres);
            End(mariaDb);
            End(sqlServer);
            End(dynalite);
            End(sqlite);
        }

        private static void End<T>(Lazy<T> server)
            where T : IDisposable
        {
            if (server.IsValueCreated)
            {
                server.Value.Dispose();
            }
        }
    }

    /// <summary>The test classes that share the servers.</summary>
    [CollectionDefinition(Servers.Name)]
    public sealed class ServersCollection : ICollectionFixture<Servers>
    {
    }
}
