#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    public interface IMetastore<T>
    {
        LanguageExt.Option<T> Load(string keyId, System.DateTimeOffset created);
        LanguageExt.Option<T> LoadLatest(string keyId);
        bool Store(string keyId, System.DateTimeOffset created, T value);
        string GetKeySuffix();
    }
}
