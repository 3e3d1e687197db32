using System;
using System.Threading.Tasks;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>Payloads as JSON objects, records as bytes.</summary>
    internal sealed class JsonSession : PartitionSession<JObject, byte[]>
    {
        internal JsonSession(PartitionUse partition)
            : base(partition)
        {
        }

        public override byte[] Encrypt(JObject payLoad)
        {
            return EncryptText(payLoad, Core.EncryptBytes);
        }

        public override JObject Decrypt(byte[] dataRowRecord)
        {
            return ReadText(Core.DecryptBytes(RequireRecord(dataRowRecord)));
        }

        public override Task<byte[]> EncryptAsync(JObject payLoad)
        {
            return EncryptTextAsync(payLoad, Core.EncryptBytesAsync);
        }

        public override Task<JObject> DecryptAsync(byte[] dataRowRecord)
        {
            try
            {
                return ReadTextAsync(Core.DecryptBytesAsync(RequireRecord(dataRowRecord)));
            }
            catch (Exception e)
            {
                return Task.FromException<JObject>(e);
            }
        }
    }
}
