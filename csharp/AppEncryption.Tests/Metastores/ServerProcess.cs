using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>
    /// A server's program, which ends with this process at the latest: a shell runs it and ends it when its own input
    /// ends. Database servers refuse to be root's, so that root runs them as another user.
    /// </summary>
    internal sealed class ServerProcess : IDisposable
    {
        private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

        private readonly Process shell;
        private readonly string log;

        private ServerProcess(Process shell, string log)
        {
            this.shell = shell;
            this.log = log;
        }

        public void Dispose()
        {
            shell.StandardInput.Close();
            if (!shell.WaitForExit(TimeSpan.FromSeconds(30)))
            {
                shell.Kill(entireProcessTree: true);
            }

            shell.Dispose();
        }

        /// <summary>Starts a server.</summary>
        /// <param name="directory">Its directory, where its log goes too.</param>
        /// <param name="user">Whom root runs it as; null for root.</param>
        /// <param name="end">The signal that ends it without waiting for its clients.</param>
        /// <param name="command">The program and its arguments.</param>
        internal static ServerProcess Start(string directory, string user, string end, params string[] command)
        {
            const string Script =
                "log=$1 end=$2; shift 2; \"$@\" </dev/null >\"$log\" 2>&1 & cat >/dev/null; kill -s $end $!; wait";
            string log = Path.Combine(directory, "server.log");
            string[] shell = { "/bin/sh", "-c", Script, "server", log, end };
            ProcessStartInfo start = New(directory, shell.Concat(As(user)).Concat(command).ToArray());
            start.RedirectStandardInput = true;
            return new ServerProcess(Process.Start(start), log);
        }

        /// <summary>Runs a program to its end and returns what it says.</summary>
        internal static string Run(string directory, string user, params string[] command)
        {
            ProcessStartInfo start = New(directory, As(user).Concat(command).ToArray());
            start.RedirectStandardOutput = true;
            start.RedirectStandardError = true;
            using Process process = Process.Start(start);
            System.Threading.Tasks.Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            Assert.True(process.WaitForExit(Limit), command[0] + " does not end");
            Assert.True(process.ExitCode == 0, command[0] + ": " + errors.Result + output);
            return output;
        }

        /// <summary>Makes a directory that a user owns.</summary>
        internal static TempDirectory NewDirectory(string user)
        {
            var directory = new TempDirectory();
            if (user != null && Environment.UserName == "root")
            {
                Run("/", null, "chown", "-R", user, directory.Path);
            }

            return directory;
        }

        /// <summary>Returns a port that nobody listens on.</summary>
        internal static int FreePort()
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            listener.Stop();
            return port;
        }

        /// <summary>Waits until a server answers.</summary>
        internal void WaitUntil(Action answers)
        {
            var clock = Stopwatch.StartNew();
            while (true)
            {
                try
                {
                    answers();
                    return;
                }
                catch (Exception e) when (clock.Elapsed < Limit && !(e is OutOfMemoryException))
                {
                    Thread.Sleep(50);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException("The server does not answer: " + File.ReadAllText(log), e);
                }
            }
        }

        /// <summary>Waits until a server listens.</summary>
        internal void WaitUntilListening(int port)
        {
            WaitUntil(() =>
            {
                using var client = new TcpClient();
                client.Connect(IPAddress.Loopback, port);
            });
        }

        private static string[] As(string user)
        {
            return user != null && Environment.UserName == "root"
                ? new[] { "setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups" }
                : Array.Empty<string>();
        }

        private static ProcessStartInfo New(string directory, string[] command)
        {
            var start = new ProcessStartInfo(command[0]) { WorkingDirectory = directory, UseShellExecute = false };
            foreach (string argument in command.Skip(1))
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["TZ"] = "UTC";
            return start;
        }
    }
}
