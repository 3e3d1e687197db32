#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    public class EnvelopeKeyRecord
    {
        public EnvelopeKeyRecord(GoDaddy.Asherah.AppEncryption.Util.Json sourceJson) { throw null; }
        public EnvelopeKeyRecord(System.DateTimeOffset created, GoDaddy.Asherah.AppEncryption.Envelope.KeyMeta parentKeyMeta, byte[] encryptedKey) { throw null; }
        public EnvelopeKeyRecord(System.DateTimeOffset created, GoDaddy.Asherah.AppEncryption.Envelope.KeyMeta parentKeyMeta, byte[] encryptedKey, bool? revoked) { throw null; }
        public Newtonsoft.Json.Linq.JObject ToJson() { throw null; }
    }
}
