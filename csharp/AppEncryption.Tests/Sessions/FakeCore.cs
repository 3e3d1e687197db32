using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Engines;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Sessions
{
    /// <summary>An engine that remembers what was opened and closed, and returns payloads as records.</summary>
    internal sealed class FakeCore : IAppEncryptionCore
    {
        internal ConcurrentBag<Partition> Opened { get; } = new();

        internal int Alive => Opened.Count(partition => partition.Disposals == 0);

        internal bool Disposed { get; private set; }

        internal Exception OnDispose { get; set; }

        public void Dispose()
        {
            Disposed = true;
            if (OnDispose != null)
            {
                throw OnDispose;
            }
        }

        public IPartitionCore Open(string partitionId)
        {
            ObjectDisposedException.ThrowIf(Disposed, this);
            var partition = new Partition(partitionId, OnDispose);
            Opened.Add(partition);
            return partition;
        }

        internal sealed class Partition(string id, Exception onDispose) : IPartitionCore
        {
            private int disposals;

            internal string Id => id;

            internal int Disposals => Volatile.Read(ref disposals);

            public void Dispose()
            {
                Interlocked.Increment(ref disposals);
                if (onDispose != null)
                {
                    throw onDispose;
                }
            }

            public byte[] EncryptBytes(byte[] payload)
            {
                ObjectDisposedException.ThrowIf(Disposals != 0, this);
                return payload;
            }

            public byte[] DecryptBytes(byte[] record) => throw new NotSupportedException();

            public JObject EncryptJson(byte[] payload) => throw new NotSupportedException();

            public byte[] DecryptJson(JObject record) => throw new NotSupportedException();

            public Task<byte[]> EncryptBytesAsync(byte[] payload) => throw new NotSupportedException();

            public Task<byte[]> DecryptBytesAsync(byte[] record) => throw new NotSupportedException();

            public Task<JObject> EncryptJsonAsync(byte[] payload) => throw new NotSupportedException();

            public Task<byte[]> DecryptJsonAsync(JObject record) => throw new NotSupportedException();
        }
    }
}
