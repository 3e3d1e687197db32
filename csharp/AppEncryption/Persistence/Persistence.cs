#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    public abstract class Persistence<T>
    {
        protected Persistence() { throw null; }
        public abstract LanguageExt.Option<T> Load(string key);
        public abstract void Store(string key, T value);
        public virtual string GenerateKey(T value) { throw null; }
        public virtual string Store(T value) { throw null; }
    }
}
