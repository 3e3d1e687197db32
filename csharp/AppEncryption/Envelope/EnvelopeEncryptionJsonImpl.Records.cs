using System;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;
using LanguageExt;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    /// <content>Keys in the metastore: loaded, opened, made and stored. Only the metastore's word that there is no key
    /// leads to a new one; a failure to ask, or to open what is there, is an error.</content>
    public partial class EnvelopeEncryptionJsonImpl
    {
        // Bounds how often a key is made because the metastore has one of that name already.
        private const int Attempts = 5;

        private const string NotFound = "Could not find EnvelopeKeyRecord";
        private const string SystemKeyNotStored = "Unable to store new System Key";
        private const string IntermediateKeyNotStored = "Unable to store new Intermediate Key";

        internal virtual CryptoKey GetLatestOrCreateIntermediateKey()
        {
            return GetLatestOrCreate(
                partition.IntermediateKeyId,
                "IntermediateKey",
                AdoptIntermediateKey,
                policy.TruncateToIntermediateKeyPrecision,
                TryCreateIntermediateKey);
        }

        internal virtual CryptoKey GetLatestOrCreateSystemKey()
        {
            return GetLatestOrCreate(
                partition.SystemKeyId,
                "SystemKey",
                record => IsOutdated(record) ? null : OpenSystemKey(record),
                policy.TruncateToSystemKeyPrecision,
                TryCreateSystemKey);
        }

        internal virtual CryptoKey GetIntermediateKey(KeyMeta intermediateKeyMeta)
        {
            EnvelopeKeyRecord record = LoadKeyRecord(intermediateKeyMeta.KeyId, intermediateKeyMeta.Created);
            return WithExistingSystemKey(ParentOf(record), false, systemKey => DecryptKey(record, systemKey));
        }

        internal virtual CryptoKey GetSystemKey(KeyMeta systemKeyMeta)
        {
            return OpenSystemKey(LoadKeyRecord(systemKeyMeta.KeyId, systemKeyMeta.Created));
        }

        internal virtual CryptoKey DecryptKey(EnvelopeKeyRecord keyRecord, CryptoKey keyEncryptionKey)
        {
            return crypto.DecryptKey(
                keyRecord.EncryptedKey, keyRecord.Created, keyEncryptionKey, keyRecord.Revoked.IfNone(false));
        }

        internal virtual EnvelopeKeyRecord LoadKeyRecord(string keyId, DateTimeOffset created)
        {
            logger?.LogDebug("Attempting to load key with KeyID {KeyId} created {Created}", keyId, created);
            return Read(metastore.Load(keyId, created), created.ToUnixTimeSeconds()) ??
                throw new MetadataMissingException(
                    NotFound + " with keyId = " + keyId + ", created = " + created);
        }

        internal virtual Option<EnvelopeKeyRecord> LoadLatestKeyRecord(string keyId)
        {
            logger?.LogDebug("Attempting to load latest key with keyId {KeyId}", keyId);
            EnvelopeKeyRecord record = Read(metastore.LoadLatest(keyId), null);
            return record == null ? Option<EnvelopeKeyRecord>.None : Option<EnvelopeKeyRecord>.Some(record);
        }

        internal virtual bool IsKeyExpiredOrRevoked(EnvelopeKeyRecord envelopeKeyRecord)
        {
            return IsRevoked(envelopeKeyRecord) || IsExpired(envelopeKeyRecord.Created);
        }

        internal virtual bool IsKeyExpiredOrRevoked(CryptoKey cryptoKey)
        {
            return cryptoKey.IsRevoked() || IsExpired(cryptoKey.GetCreated());
        }

        private static EnvelopeKeyRecord Read(Option<JObject> found, long? asked)
        {
            return found.MatchUnsafe(record => KeyRecord.Read(record, asked), () => null);
        }

        private static bool IsRevoked(EnvelopeKeyRecord record)
        {
            return record.Revoked.IfNone(false);
        }

        private static KeyMeta ParentOf(EnvelopeKeyRecord record)
        {
            return record.ParentKeyMeta.MatchUnsafe(
                parent => parent,
                () => throw new MetadataMissingException(
                    "Could not find parentKeyMeta (SK) for intermediateKey"));
        }

        // A record that names its parent by half is another matter than a key that is not there.
        private static bool IsAbsence(MetadataMissingException e)
        {
            return e.Message.StartsWith(NotFound, StringComparison.Ordinal) ||
                e.Message.StartsWith(ExpiredSystemKey, StringComparison.Ordinal);
        }

        private static DateTimeOffset Now()
        {
            return DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        }

        // Of a key from the future the policy is not asked, so that one by which every key is expired has one made a
        // second at most.
        private bool IsExpired(DateTimeOffset created)
        {
            return created <= DateTimeOffset.UtcNow && policy.IsKeyExpired(created);
        }

        private bool IsOutdated(EnvelopeKeyRecord record)
        {
            return IsKeyExpiredOrRevoked(record) && (IsRevoked(record) || !policy.IsQueuedKeyRotation());
        }

        /// <summary>Returns the newest key of an id, made anew if there is none that may encrypt: then adopt returns
        /// null. So does tryCreate, where the metastore has a key of that name.</summary>
        private CryptoKey GetLatestOrCreate(
            string keyId,
            string label,
            Func<EnvelopeKeyRecord, CryptoKey> adopt,
            Func<DateTimeOffset, DateTimeOffset> truncate,
            Func<DateTimeOffset, CryptoKey> tryCreate)
        {
            EnvelopeKeyRecord latest = LoadLatestKeyRecord(keyId).MatchUnsafe(record => record, () => null);
            CryptoKey key = latest == null ? null : adopt(latest);
            for (int attempt = 0; key == null; attempt++)
            {
                if (attempt == Attempts)
                {
                    throw new AppEncryptionException(
                        Attempts + " attempts to create " + label + " ended with one that may not encrypt");
                }

                key = tryCreate(NextCreated(latest, truncate));
                if (key != null)
                {
                    return key;
                }

                latest = LoadLatestKeyRecord(keyId).MatchUnsafe(record => record, () => null);
                if (latest == null)
                {
                    throw new AppEncryptionException(label + " not present after LoadLatestKeyRecord retry");
                }

                key = adopt(latest);
            }

            return key;
        }

        // Now, rounded, but later than the newest key there is, or the new one would not be found; and not so early that
        // it would be born expired.
        private DateTimeOffset NextCreated(EnvelopeKeyRecord latest, Func<DateTimeOffset, DateTimeOffset> truncate)
        {
            DateTimeOffset now = Now();
            DateTimeOffset created = truncate(now);
            if (created.ToUnixTimeSeconds() <= 0 || created > now)
            {
                throw new AppEncryptionException(
                    "The policy rounded the time of creation of a key to one that is not positive or later.");
            }

            if (latest != null && created <= latest.Created)
            {
                DateTimeOffset next = latest.Created.AddSeconds(1);
                return next > now ? next : now;
            }

            return IsExpired(created) ? now : created;
        }

        private CryptoKey AdoptIntermediateKey(EnvelopeKeyRecord record)
        {
            if (IsOutdated(record))
            {
                return null;
            }

            KeyMeta parent = ParentOf(record);
            try
            {
                CryptoKey key = WithExistingSystemKey(parent, true, systemKey => DecryptKey(record, systemKey));
                known.SetParent(record.Created, parent.Created);
                return key;
            }
            catch (MetadataMissingException e) when (IsAbsence(e))
            {
                logger?.LogDebug(
                    e,
                    "The SK for the IK ({KeyId}, {Created}) is missing or may not encrypt: a new IK is made",
                    partition.IntermediateKeyId,
                    record.Created);
                return null;
            }
        }

        private CryptoKey OpenSystemKey(EnvelopeKeyRecord record)
        {
            return keyManagementService.DecryptKey(record.EncryptedKey, record.Created, IsRevoked(record));
        }

        private CryptoKey TryCreateIntermediateKey(DateTimeOffset created)
        {
            CryptoKey key = crypto.GenerateKey(created);
            bool stored = false;
            try
            {
                EnvelopeKeyRecord record = SealIntermediateKey(key);
                logger?.LogDebug(
                    "Attempting to store new IK {KeyId}, for created {Created}",
                    partition.IntermediateKeyId,
                    record.Created);
                stored = Store(partition.IntermediateKeyId, record, IntermediateKeyNotStored);
                if (stored)
                {
                    known.SetParent(record.Created, ParentOf(record).Created);
                }

                return stored ? key : null;
            }
            finally
            {
                if (!stored)
                {
                    DisposeKey(key);
                }
            }
        }

        private EnvelopeKeyRecord SealIntermediateKey(CryptoKey key)
        {
            try
            {
                return WithSystemKeyForWrite(systemKey => new EnvelopeKeyRecord(
                    key.GetCreated(),
                    new KeyMeta(partition.SystemKeyId, systemKey.GetCreated()),
                    crypto.EncryptKey(key, systemKey),
                    false));
            }
            catch (AppEncryptionException e) when (e.Message == SystemKeyNotStored)
            {
                throw new AppEncryptionException(IntermediateKeyNotStored, e);
            }
        }

        private CryptoKey TryCreateSystemKey(DateTimeOffset created)
        {
            CryptoKey key = crypto.GenerateKey(created);
            bool stored = false;
            try
            {
                EnvelopeKeyRecord record = WrapSystemKey(key);
                logger?.LogDebug(
                    "Attempting to store new SK {KeyId} for created {Created}", partition.SystemKeyId, record.Created);
                stored = Store(partition.SystemKeyId, record, SystemKeyNotStored);
                return stored ? key : null;
            }
            finally
            {
                if (!stored)
                {
                    DisposeKey(key);
                }
            }
        }

        private EnvelopeKeyRecord WrapSystemKey(CryptoKey key)
        {
            try
            {
                return new EnvelopeKeyRecord(key.GetCreated(), null, keyManagementService.EncryptKey(key), false);
            }
            catch (Exception e)
            {
                throw new AppEncryptionException(SystemKeyNotStored, e);
            }
        }

        private bool Store(string keyId, EnvelopeKeyRecord record, string failure)
        {
            try
            {
                return metastore.Store(keyId, record.Created, record.ToJson());
            }
            catch (Exception e)
            {
                throw new AppEncryptionException(failure, e);
            }
        }
    }
}
