using System;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace GoDaddy.Asherah.AppEncryption.Tests.Async
{
    /// <summary>A server that accepts connections and says nothing, until it is disposed and drops them.</summary>
    internal sealed class SilentServer : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentBag<Socket> sockets = new();

        internal SilentServer()
        {
            listener.Start(1000);
            Accept();
        }

        internal int Connections => sockets.Count;

        public void Dispose()
        {
            listener.Stop();
            foreach (Socket socket in sockets)
            {
                socket.Dispose();
            }
        }

        /// <summary>A factory whose metastore this server is.</summary>
        internal SessionFactory NewFactory()
        {
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            return SessionFactory.NewBuilder("product", "service")
                .WithNativeConfiguration(
                    "{\"Metastore\":\"rdbms\",\"QueryTimeoutMs\":60000,\"ConnectionString\":" +
                    $"\"postgres://user:pass@127.0.0.1:{port}/db?sslmode=disable\"}}")
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(TestSetup.Key)
                .Build();
        }

        private async void Accept()
        {
            try
            {
                while (true)
                {
                    sockets.Add(await listener.AcceptSocketAsync().ConfigureAwait(false));
                }
            }
            catch (SocketException)
            {
            }
            catch (ObjectDisposedException)
            {
            }
        }
    }
}
