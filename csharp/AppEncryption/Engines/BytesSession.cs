using System;
using System.Threading.Tasks;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>Payloads and records as bytes.</summary>
    internal sealed class BytesSession : PartitionSession<byte[], byte[]>
    {
        internal BytesSession(PartitionUse partition)
            : base(partition)
        {
        }

        public override byte[] Encrypt(byte[] payLoad)
        {
            return Core.EncryptBytes(RequirePayload(payLoad));
        }

        public override byte[] Decrypt(byte[] dataRowRecord)
        {
            return Core.DecryptBytes(RequireRecord(dataRowRecord));
        }

        public override Task<byte[]> EncryptAsync(byte[] payLoad)
        {
            try
            {
                return Core.EncryptBytesAsync(RequirePayload(payLoad));
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }
        }

        public override Task<byte[]> DecryptAsync(byte[] dataRowRecord)
        {
            try
            {
                return Core.DecryptBytesAsync(RequireRecord(dataRowRecord));
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }
        }
    }
}
