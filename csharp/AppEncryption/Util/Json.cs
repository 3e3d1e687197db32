#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Util
{
    public class Json
    {
        public GoDaddy.Asherah.AppEncryption.Util.Json GetJson(string key) { throw null; }
        public Json() { throw null; }
        public Json(Newtonsoft.Json.Linq.JObject jObject) { throw null; }
        public Json(byte[] utf8Json) { throw null; }
        public LanguageExt.Option<GoDaddy.Asherah.AppEncryption.Util.Json> GetOptionalJson(string key) { throw null; }
        public LanguageExt.Option<bool> GetOptionalBoolean(string key) { throw null; }
        public Newtonsoft.Json.Linq.JArray GetJsonArray(string key) { throw null; }
        public Newtonsoft.Json.Linq.JObject ToJObject() { throw null; }
        public System.DateTimeOffset GetDateTimeOffset(string key) { throw null; }
        public byte[] GetBytes(string key) { throw null; }
        public byte[] ToUtf8() { throw null; }
        public string GetString(string key) { throw null; }
        public string ToJsonString() { throw null; }
        public void Put(string key, GoDaddy.Asherah.AppEncryption.Util.Json json) { throw null; }
        public void Put(string key, Newtonsoft.Json.Linq.JObject jObject) { throw null; }
        public void Put(string key, System.Collections.Generic.List<Newtonsoft.Json.Linq.JObject> jsonList) { throw null; }
        public void Put(string key, System.DateTimeOffset dateTimeOffset) { throw null; }
        public void Put(string key, bool value) { throw null; }
        public void Put(string key, byte[] bytes) { throw null; }
        public void Put(string key, string text) { throw null; }
    }
}
