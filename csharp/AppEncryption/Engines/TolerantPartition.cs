using System;
using System.Threading.Tasks;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>A partition whose engine is given strict records only: see <see cref="TolerantRecord"/>.</summary>
    internal sealed class TolerantPartition : IPartitionCore
    {
        private readonly IPartitionCore core;

        internal TolerantPartition(IPartitionCore core)
        {
            this.core = core;
        }

        public byte[] EncryptBytes(byte[] payload)
        {
            return core.EncryptBytes(payload);
        }

        public byte[] DecryptBytes(byte[] record)
        {
            return core.DecryptBytes(TolerantRecord.Rewrite(record));
        }

        public JObject EncryptJson(byte[] payload)
        {
            return core.EncryptJson(payload);
        }

        public byte[] DecryptJson(JObject record)
        {
            return core.DecryptJson(TolerantRecord.Rewrite(record));
        }

        public Task<byte[]> EncryptBytesAsync(byte[] payload)
        {
            return core.EncryptBytesAsync(payload);
        }

        public Task<byte[]> DecryptBytesAsync(byte[] record)
        {
            try
            {
                return core.DecryptBytesAsync(TolerantRecord.Rewrite(record));
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }
        }

        public Task<JObject> EncryptJsonAsync(byte[] payload)
        {
            return core.EncryptJsonAsync(payload);
        }

        public Task<byte[]> DecryptJsonAsync(JObject record)
        {
            try
            {
                return core.DecryptJsonAsync(TolerantRecord.Rewrite(record));
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }
        }

        public void Dispose()
        {
            core.Dispose();
        }
    }
}
