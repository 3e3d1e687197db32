#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption
{
    public class SessionJsonImpl<TD> : GoDaddy.Asherah.AppEncryption.Session<Newtonsoft.Json.Linq.JObject, TD>
    {
        public SessionJsonImpl(GoDaddy.Asherah.AppEncryption.Envelope.IEnvelopeEncryption<TD> envelopeEncryption) { throw null; }
        public SessionJsonImpl(GoDaddy.Asherah.AppEncryption.Envelope.IEnvelopeEncryption<TD> envelopeEncryption, Microsoft.Extensions.Logging.ILogger logger) { throw null; }
        public override Newtonsoft.Json.Linq.JObject Decrypt(TD dataRowRecord) { throw null; }
        public override System.Threading.Tasks.Task<Newtonsoft.Json.Linq.JObject> DecryptAsync(TD dataRowRecord) { throw null; }
        public override System.Threading.Tasks.Task<TD> EncryptAsync(Newtonsoft.Json.Linq.JObject payload) { throw null; }
        public override TD Encrypt(Newtonsoft.Json.Linq.JObject payload) { throw null; }
        public override void Dispose() { throw null; }
    }
}
