using System;
using System.IO;
using System.Linq;
using Npgsql;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>A PostgreSQL server with the table encryption_key.</summary>
    internal sealed class PostgresServer : IDisposable
    {
        private const string Account = "postgres";
        private const string Password = "secret-of-postgres";

        private readonly TempDirectory directory = ServerProcess.NewDirectory(Account);
        private readonly ServerProcess process;

        internal PostgresServer()
        {
            string data = directory.File("data");
            string words = directory.File("password");
            File.WriteAllText(words, Password + "\n");
            ServerProcess.Run(
                "/",
                Account,
                Program("initdb"),
                "-D",
                data,
                "-U",
                "owner",
                "--pwfile=" + words,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync");
            int port = ServerProcess.FreePort();
            process = ServerProcess.Start(
                directory.Path,
                Account,
                "INT",
                Program("postgres"),
                "-D",
                data,
                "-p",
                port.ToString(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off");
            ConnectionString =
                "Host=127.0.0.1;Port=" + port + ";Database=postgres;Username=owner;Password=" + Password;
            process.WaitUntil(() => Execute(
                "CREATE TABLE encryption_key (id VARCHAR(255) NOT NULL, created TIMESTAMP NOT NULL, " +
                "key_record TEXT NOT NULL, PRIMARY KEY (id, created))"));
        }

        internal string ConnectionString { get; }

        public void Dispose()
        {
            NpgsqlConnection.ClearAllPools();
            process.Dispose();
            directory.Dispose();
        }

        /// <summary>Returns how many connections there are whose connection string has this name.</summary>
        internal int Connections(string applicationName)
        {
            return Convert.ToInt32(Execute(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = '" + applicationName + "'"));
        }

        private static string Program(string name)
        {
            return Directory.Exists("/usr/lib/postgresql")
                ? Directory.GetFiles("/usr/lib/postgresql", name, SearchOption.AllDirectories).Max()
                : name;
        }

        private object Execute(string statement)
        {
            using var connection = new NpgsqlConnection(ConnectionString);
            connection.Open();
            using NpgsqlCommand command = connection.CreateCommand();
            command.CommandText = statement;
            return command.ExecuteScalar();
        }
    }
}
