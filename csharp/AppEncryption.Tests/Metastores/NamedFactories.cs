using System;
using System.Data.Common;

// Factories with the names of providers that cannot be had everywhere. They make nothing: the native library connects.
namespace MySqlConnector
{
    internal sealed class MySqlConnectorFactory : DbProviderFactory
    {
        internal static readonly MySqlConnectorFactory Instance = new MySqlConnectorFactory();

        public override DbConnection CreateConnection()
        {
            throw new NotSupportedException("The native library connects to MySQL.");
        }
    }
}

namespace MySql.Data.MySqlClient
{
    internal sealed class MySqlClientFactory : DbProviderFactory
    {
    }
}

namespace System.Data.SqlClient
{
    internal sealed class SqlClientFactory : DbProviderFactory
    {
    }
}

namespace System.Data.SQLite
{
    internal sealed class SQLiteFactory : DbProviderFactory
    {
    }
}

namespace Oracle.ManagedDataAccess.Client
{
    internal sealed class OracleClientFactory : DbProviderFactory
    {
    }
}

namespace System.Data.Odbc
{
    internal sealed class OdbcFactory : DbProviderFactory
    {
    }
}
