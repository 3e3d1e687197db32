using System;
using System.Threading.Tasks;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>Payloads as bytes, records as JSON objects.</summary>
    internal sealed class BytesAsJsonSession : PartitionSession<byte[], JObject>
    {
        internal BytesAsJsonSession(PartitionUse partition)
            : base(partition)
        {
        }

        public override JObject Encrypt(byte[] payLoad)
        {
            return Core.EncryptJson(RequirePayload(payLoad));
        }

        public override byte[] Decrypt(JObject dataRowRecord)
        {
            return Core.DecryptJson(RequireObject(dataRowRecord));
        }

        public override Task<JObject> EncryptAsync(byte[] payLoad)
        {
            try
            {
                return Core.EncryptJsonAsync(RequirePayload(payLoad));
            }
            catch (Exception e)
            {
                return Task.FromException<JObject>(e);
            }
        }

        public override Task<byte[]> DecryptAsync(JObject dataRowRecord)
        {
            try
            {
                return Core.DecryptJsonAsync(RequireObject(dataRowRecord));
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }
        }
    }
}
