using System;
using System.Globalization;
using System.IO;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>A MariaDB server with the table encryption_key. No provider for it can be had everywhere: its own
    /// client is the witness.</summary>
    internal sealed class MariaDbServer : IDisposable
    {
        private const string Account = "mysql";
        private const string Password = "secret-of-mariadb";

        private readonly TempDirectory directory = ServerProcess.NewDirectory(Account);
        private readonly ServerProcess process;
        private readonly int port = ServerProcess.FreePort();

        internal MariaDbServer()
        {
            string data = directory.File("data");
            string setup = directory.File("setup.sql");
            File.WriteAllLines(setup, new[]
            {
                "CREATE DATABASE asherah CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;",
                "CREATE TABLE asherah.encryption_key (id VARCHAR(255) NOT NULL, created DATETIME NOT NULL, " +
                    "key_record TEXT NOT NULL, PRIMARY KEY (id, created));",
                "CREATE USER asherah@'127.0.0.1' IDENTIFIED BY '" + Password + "';",
                "GRANT ALL ON asherah.* TO asherah@'127.0.0.1';",
            });
            ServerProcess.Run(
                "/", Account, "mariadb-install-db", "--no-defaults", "--datadir=" + data, "--skip-test-db");
            process = ServerProcess.Start(
                directory.Path,
                Account,
                "TERM",
                "mariadbd",
                "--no-defaults",
                "--datadir=" + data,
                "--bind-address=127.0.0.1",
                "--port=" + port.ToString(CultureInfo.InvariantCulture),
                "--socket=" + directory.File("socket"),
                "--pid-file=" + directory.File("pid"),
                "--skip-name-resolve",
                "--innodb-buffer-pool-size=32M",
                "--innodb-flush-log-at-trx-commit=2",
                "--init-file=" + setup);
            process.WaitUntilListening(port);
        }

        internal string ConnectionString =>
            "Server=127.0.0.1;Port=" + port + ";Database=asherah;User ID=asherah;Password=" + Password;

        public void Dispose()
        {
            process.Dispose();
            directory.Dispose();
        }

        /// <summary>Runs a statement with the server's own client and returns the rows.</summary>
        internal string Query(string statement)
        {
            return ServerProcess.Run(
                "/",
                null,
                "mariadb",
                "--no-defaults",
                "--protocol=tcp",
                "--host=127.0.0.1",
                "--port=" + port.ToString(CultureInfo.InvariantCulture),
                "--user=asherah",
                "--password=" + Password,
                "--skip-column-names",
                "--raw",
                "--default-character-set=utf8mb4",
                "--execute=" + statement,
                "asherah").TrimEnd('\n');
        }
    }
}
