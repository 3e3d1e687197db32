using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Envelope;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>A partition of the engine in managed code.</summary>
    internal sealed class ManagedPartition : IPartitionCore
    {
        private readonly EnvelopeEncryptionJsonImpl json;
        private readonly EnvelopeEncryptionBytesImpl bytes;

        internal ManagedPartition(EnvelopeEncryptionJsonImpl json)
        {
            this.json = json;
            bytes = new EnvelopeEncryptionBytesImpl(json);
        }

        public byte[] EncryptBytes(byte[] payload)
        {
            return bytes.EncryptPayload(payload);
        }

        public byte[] DecryptBytes(byte[] record)
        {
            return bytes.DecryptDataRowRecord(record);
        }

        public JObject EncryptJson(byte[] payload)
        {
            return json.EncryptPayload(payload);
        }

        public byte[] DecryptJson(JObject record)
        {
            return json.DecryptDataRowRecord(record);
        }

        public Task<byte[]> EncryptBytesAsync(byte[] payload)
        {
            return bytes.EncryptPayloadAsync(payload);
        }

        public Task<byte[]> DecryptBytesAsync(byte[] record)
        {
            return bytes.DecryptDataRowRecordAsync(record);
        }

        public Task<JObject> EncryptJsonAsync(byte[] payload)
        {
            return json.EncryptPayloadAsync(payload);
        }

        public Task<byte[]> DecryptJsonAsync(JObject record)
        {
            return json.DecryptDataRowRecordAsync(record);
        }

        public void Dispose()
        {
            json.Dispose();
        }
    }
}
