#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    public class AdoMetastoreImpl : GoDaddy.Asherah.AppEncryption.Persistence.IMetastore<Newtonsoft.Json.Linq.JObject>
    {
        public LanguageExt.Option<Newtonsoft.Json.Linq.JObject> LoadLatest(string keyId) { throw null; }
        public bool Store(string keyId, System.DateTimeOffset created, Newtonsoft.Json.Linq.JObject value) { throw null; }
        public static GoDaddy.Asherah.AppEncryption.Persistence.AdoMetastoreImpl.Builder NewBuilder(System.Data.Common.DbProviderFactory dbProviderFactory, string connectionString) { throw null; }
        public string GetKeySuffix() { throw null; }
        public virtual LanguageExt.Option<Newtonsoft.Json.Linq.JObject> Load(string keyId, System.DateTimeOffset created) { throw null; }
        internal AdoMetastoreImpl() { }
        public class Builder
        {
            public GoDaddy.Asherah.AppEncryption.Persistence.AdoMetastoreImpl Build() { throw null; }
            public GoDaddy.Asherah.AppEncryption.Persistence.AdoMetastoreImpl.Builder WithLogger(Microsoft.Extensions.Logging.ILogger logger) { throw null; }
            internal Builder() { }
        }
    }
}
