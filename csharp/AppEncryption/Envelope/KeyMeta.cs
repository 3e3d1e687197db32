#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    public class KeyMeta
    {
        public KeyMeta(GoDaddy.Asherah.AppEncryption.Util.Json sourceJson) { throw null; }
        public KeyMeta(string keyId, System.DateTimeOffset created) { throw null; }
        public Newtonsoft.Json.Linq.JObject ToJson() { throw null; }
        public override bool Equals(object obj) { throw null; }
        public override int GetHashCode() { throw null; }
        public override string ToString() { throw null; }
        public string KeyId { get { throw null; } }
    }
}
