#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption
{
    public class SessionBytesImpl<TD> : GoDaddy.Asherah.AppEncryption.Session<byte[], TD>
    {
        public SessionBytesImpl(GoDaddy.Asherah.AppEncryption.Envelope.IEnvelopeEncryption<TD> envelopeEncryption) { throw null; }
        public SessionBytesImpl(GoDaddy.Asherah.AppEncryption.Envelope.IEnvelopeEncryption<TD> envelopeEncryption, Microsoft.Extensions.Logging.ILogger logger) { throw null; }
        public override System.Threading.Tasks.Task<TD> EncryptAsync(byte[] payload) { throw null; }
        public override System.Threading.Tasks.Task<byte[]> DecryptAsync(TD dataRowRecord) { throw null; }
        public override TD Encrypt(byte[] payload) { throw null; }
        public override byte[] Decrypt(TD dataRowRecord) { throw null; }
        public override void Dispose() { throw null; }
    }
}
