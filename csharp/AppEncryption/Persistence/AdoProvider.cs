using System;
using System.Data.Common;
#if NET8_0_OR_GREATER
using System.Diagnostics.CodeAnalysis;
#endif
using System.Reflection;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>
    /// What is known of an ADO.NET provider, by the name of its factory's type: no provider is referred to.
    /// </summary>
    internal sealed class AdoProvider
    {
        private const string Table = " FROM encryption_key WHERE id = ";

        // A statement of any SQL: its first row is all that is read.
        private const string AnyLatest = "SELECT id, created, key_record" + Table + "{0}id ORDER BY created DESC";

        private readonly Func<DbException, bool?> isDuplicate;

        private AdoProvider(
            string databaseType, string latest, Func<DbException, bool?> isDuplicate, string marker = "@")
        {
            DatabaseType = databaseType;
            this.isDuplicate = isDuplicate;
            LoadStatement = Write("SELECT id, created, key_record" + Table + "{0}id AND created = {0}created", marker);
            LatestStatement = Write(latest, marker);
            StoreStatement = Write(
                "INSERT INTO encryption_key (id, created, key_record) VALUES ({0}id, {0}created, {0}key_record)",
                marker);
        }

        /// <summary>Gets the SQLMetastoreDBType of the native configuration; null where the native library must not
        /// be used.</summary>
        internal string DatabaseType { get; }

        /// <summary>Gets the statement for id and created, in this order.</summary>
        internal string LoadStatement { get; }

        /// <summary>Gets the statement for id whose first row is the latest.</summary>
        internal string LatestStatement { get; }

        /// <summary>Gets the statement for id, created, key_record, in this order.</summary>
        internal string StoreStatement { get; }

        /// <summary>Returns what is known of a factory's provider.</summary>
        internal static AdoProvider Of(DbProviderFactory factory)
        {
            const string Limit = AnyLatest + " LIMIT 1";
            switch (factory.GetType().FullName)
            {
                case "Microsoft.Data.SqlClient.SqlClientFactory":
                case "System.Data.SqlClient.SqlClientFactory":
                    return new AdoProvider(
                        "mssql",
                        "SELECT TOP (1) id, created, key_record" + Table + "{0}id ORDER BY created DESC",
                        e => IsOneOf(Property(e, "Number"), 2601, 2627));
                case "Npgsql.NpgsqlFactory":
                    return new AdoProvider("postgres", Limit, e => (Property(e, "SqlState") as string) == "23505");
                case "MySqlConnector.MySqlConnectorFactory":
                case "MySql.Data.MySqlClient.MySqlClientFactory":
                    return new AdoProvider("mysql", Limit, e => IsOneOf(Property(e, "Number"), 1062));

                // Never native: two copies of SQLite on one file in one process lose each other's locks.
                case "Microsoft.Data.Sqlite.SqliteFactory":
                    return new AdoProvider(
                        null, Limit, e => IsOneOf(Property(e, "SqliteExtendedErrorCode"), 1555, 2067));
                case "System.Data.SQLite.SQLiteFactory":
                    return new AdoProvider(null, Limit, _ => null);

                case "Oracle.ManagedDataAccess.Client.OracleClientFactory":
                case "Oracle.DataAccess.Client.OracleClientFactory":
                    return new AdoProvider(null, AnyLatest, e => IsOneOf(Property(e, "Number"), 1), ":");
                case "System.Data.Odbc.OdbcFactory":
                case "System.Data.OleDb.OleDbFactory":
                    return new AdoProvider(null, AnyLatest, _ => null, "?");
                default:
                    return new AdoProvider(null, AnyLatest, _ => null);
            }
        }

        /// <summary>Says whether a row could not be added because there is one with its id and created; null where
        /// this provider's errors are not known.</summary>
        internal bool? IsDuplicate(DbException e)
        {
            return isDuplicate(e);
        }

        // Providers of this marker have no names for parameters, only their order.
        private static string Write(string statement, string marker)
        {
            return marker == "?"
                ? statement.Replace("{0}id", "?").Replace("{0}created", "?").Replace("{0}key_record", "?")
                : statement.Replace("{0}", marker);
        }

        private static bool? IsOneOf(object code, params int[] codes)
        {
            return code is int number ? Array.IndexOf(codes, number) >= 0 : (bool?)null;
        }

        // Where the property is missing, trimmed away for one, the table tells.
#if NET8_0_OR_GREATER
        [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Its absence is accounted for.")]
#endif
        private static object Property(DbException e, string name)
        {
            return e.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance)?.GetValue(e);
        }
    }
}
