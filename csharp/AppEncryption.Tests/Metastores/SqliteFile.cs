using System;
using Microsoft.Data.Sqlite;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>A file of SQLite with the table encryption_key.</summary>
    internal sealed class SqliteFile : IDisposable
    {
        private readonly TempDirectory directory = new TempDirectory();

        internal SqliteFile(string typeOfId = "TEXT")
        {
            Path = directory.File("keys.db");
            Execute(
                "CREATE TABLE encryption_key (id " + typeOfId + " NOT NULL, created TIMESTAMP NOT NULL, " +
                "key_record TEXT NOT NULL, PRIMARY KEY (id, created))");
        }

        internal string Path { get; }

        internal string ConnectionString => "Data Source=" + Path;

        public void Dispose()
        {
            SqliteConnection.ClearAllPools();
            directory.Dispose();
        }

        internal object Execute(string statement)
        {
            using var connection = new SqliteConnection(ConnectionString);
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = statement;
            return command.ExecuteScalar();
        }
    }
}
