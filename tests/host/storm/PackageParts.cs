using System.Collections.Concurrent;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Keys;
using LanguageExt;
using Newtonsoft.Json.Linq;

namespace Storm;

/// <summary>A metastore as a user of the packages writes one; it makes mistakes.</summary>
internal sealed class StormMetastore : IMetastore<JObject>
{
    private readonly ConcurrentDictionary<(string Id, DateTimeOffset Created), JObject> _records = new();

    public Option<JObject> Load(string keyId, DateTimeOffset created)
    {
        Visit();
        return _records.TryGetValue((keyId, created), out JObject? record) ? record : Option<JObject>.None;
    }

    public Option<JObject> LoadLatest(string keyId)
    {
        Visit();
        JObject? latest = _records.Where(pair => pair.Key.Id == keyId).OrderBy(pair => pair.Key.Created)
            .Select(pair => pair.Value).LastOrDefault();
        return latest ?? Option<JObject>.None;
    }

    public bool Store(string keyId, DateTimeOffset created, JObject value)
    {
        Visit();
        return _records.TryAdd((keyId, created), value);
    }

    public string GetKeySuffix() => "";

    private static void Visit()
    {
        Callbacks.Visit();
        HostMistake.AtRandom();
    }
}

/// <summary>A key management service that makes mistakes.</summary>
internal sealed class StormKms() : StaticKeyManagementServiceImpl("thisIsAStaticMasterKeyForTesting")
{
    public override byte[] EncryptKey(CryptoKey key)
    {
        Callbacks.Visit();
        HostMistake.AtRandom();
        return base.EncryptKey(key);
    }

    public override CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
    {
        Callbacks.Visit();
        HostMistake.AtRandom();
        return base.DecryptKey(keyCipherText, keyCreated, revoked);
    }
}

/// <summary>A policy of the user, asked at each decision.</summary>
internal sealed class StormPolicy(bool cacheSessions) : NeverExpiredCryptoPolicy
{
    public override bool CanCacheSessions() => cacheSessions;

    public override long GetSessionCacheMaxSize() => 16;

    public override long GetSessionCacheExpireMillis() => 50;

    public override long GetRevokeCheckPeriodMillis() => 20;

    public override bool IsKeyExpired(DateTimeOffset keyCreationDate)
    {
        Callbacks.Visit();
        return false;
    }
}
