#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    public class InMemoryMetastoreImpl<T> : GoDaddy.Asherah.AppEncryption.Persistence.IMetastore<T>, System.IDisposable
    {
        protected virtual void Dispose(bool disposing) { throw null; }
        public InMemoryMetastoreImpl() { throw null; }
        public string GetKeySuffix() { throw null; }
        public virtual LanguageExt.Option<T> Load(string keyId, System.DateTimeOffset created) { throw null; }
        public virtual LanguageExt.Option<T> LoadLatest(string keyId) { throw null; }
        public virtual bool Store(string keyId, System.DateTimeOffset created, T value) { throw null; }
        public void Dispose() { throw null; }
    }
}
