#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    public class EnvelopeEncryptionBytesImpl : GoDaddy.Asherah.AppEncryption.Envelope.IEnvelopeEncryption<byte[]>, System.IDisposable
    {
        public EnvelopeEncryptionBytesImpl(GoDaddy.Asherah.AppEncryption.Envelope.IEnvelopeEncryption<Newtonsoft.Json.Linq.JObject> envelopeEncryptionJson) { throw null; }
        public EnvelopeEncryptionBytesImpl(GoDaddy.Asherah.AppEncryption.Envelope.IEnvelopeEncryption<Newtonsoft.Json.Linq.JObject> envelopeEncryptionJson, Microsoft.Extensions.Logging.ILogger logger) { throw null; }
        public virtual System.Threading.Tasks.Task<byte[]> DecryptDataRowRecordAsync(byte[] dataRowRecord) { throw null; }
        public virtual System.Threading.Tasks.Task<byte[]> EncryptPayloadAsync(byte[] payload) { throw null; }
        public virtual byte[] DecryptDataRowRecord(byte[] dataRowRecord) { throw null; }
        public virtual byte[] EncryptPayload(byte[] payload) { throw null; }
        public void Dispose() { throw null; }
    }
}
