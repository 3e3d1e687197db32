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

        internal int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        internal int Connections => sockets.Count;

        public void Dispose()
        {
            listener.Stop();
            foreach (Socket socket in sockets)
            {
                socket.Dispose();
            }
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
