using System;
using System.Diagnostics;
using System.IO;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>The stand-in for SQL Server of this repository, tests/mssql/server, with the table
    /// encryption_key.</summary>
    internal sealed class SqlServerStandIn : IDisposable
    {
        private readonly TempDirectory directory = new TempDirectory();
        private readonly Process process;

        internal SqlServerStandIn()
        {
            string program = directory.File("server");
            string setup = directory.File("setup.sql");
            File.WriteAllText(
                setup,
                "CREATE TABLE encryption_key (id NVARCHAR(255) NOT NULL, created DATETIME2(0) NOT NULL, " +
                "key_record NVARCHAR(MAX) NOT NULL, CONSTRAINT pk PRIMARY KEY (id, created))");
            GoProgram.Build("./tests/mssql/server", program);
            process = Process.Start(new ProcessStartInfo(program)
            {
                ArgumentList = { "-setup", setup },
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            });
            string port = process.StandardOutput.ReadLine();
            string user = process.StandardOutput.ReadLine();
            string password = process.StandardOutput.ReadLine();
            string database = process.StandardOutput.ReadLine();
            string certificate = process.StandardOutput.ReadLine();
            Assert.NotNull(certificate);
            ConnectionString =
                "Server=127.0.0.1," + port + ";Database=" + database + ";User ID=" + user + ";Password=" + password +
                ";Encrypt=Mandatory;ServerCertificate=" + certificate;
        }

        internal string ConnectionString { get; }

        public void Dispose()
        {
            Microsoft.Data.SqlClient.SqlConnection.ClearAllPools();
            process.StandardInput.Close();
            if (!process.WaitForExit(TimeSpan.FromSeconds(30)))
            {
                process.Kill();
            }

            process.Dispose();
            directory.Dispose();
        }
    }
}
