#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    public class AdhocPersistence<T> : GoDaddy.Asherah.AppEncryption.Persistence.Persistence<T>
    {
        public AdhocPersistence(System.Func<string, LanguageExt.Option<T>> load, System.Action<string, T> store) { throw null; }
        public override LanguageExt.Option<T> Load(string key) { throw null; }
        public override void Store(string key, T value) { throw null; }
    }
}
