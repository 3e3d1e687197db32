using System;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    /// <content>Keys in use: found in the caches, or else in the metastore, and cached where the policy says
    /// so.</content>
    public partial class EnvelopeEncryptionJsonImpl
    {
        private const string ExpiredSystemKey = "System key is expired/revoked";

        internal virtual T WithIntermediateKeyForRead<T>(
            KeyMeta intermediateKeyMeta, Func<CryptoKey, T> functionWithIntermediateKey)
        {
            bool foreign = intermediateKeyMeta.KeyId != partition.IntermediateKeyId &&
                partition.IsValidIntermediateKeyId(intermediateKeyMeta.KeyId);
            CryptoKey key = foreign
                ? known.Foreign?.Get(ForeignName(intermediateKeyMeta))
                : intermediateKeyCache.Get(intermediateKeyMeta.Created);
            if (key == null)
            {
                key = GetIntermediateKey(intermediateKeyMeta);
                if (policy.CanCacheIntermediateKeys())
                {
                    key = CacheIntermediateKey(key, foreign ? ForeignName(intermediateKeyMeta) : null);
                }
            }

            if (policy.NotifyExpiredIntermediateKeyOnRead() && IsKeyExpiredOrRevoked(key))
            {
                logger?.LogDebug("NOTIFICATION: Expired IK {KeyMeta} in use during read", intermediateKeyMeta);
            }

            return ApplyAndDispose(key, functionWithIntermediateKey);
        }

        internal virtual T WithIntermediateKeyForWrite<T>(Func<CryptoKey, T> functionWithIntermediateKey)
        {
            CryptoKey key = intermediateKeyCache.GetLast();
            if (key == null || !MayEncrypt(key))
            {
                key?.Dispose();
                key = GetLatestOrCreateIntermediateKey();
                if (policy.CanCacheIntermediateKeys())
                {
                    key = CacheIntermediateKey(key, null);
                }
            }

            if (policy.IsQueuedKeyRotation() && (IsKeyExpiredOrRevoked(key) || IsParentOutdated(key)))
            {
                Queue("IK", partition.IntermediateKeyId, inline => inline.WithIntermediateKeyForWrite(_ => true));
            }

            return ApplyAndDispose(key, functionWithIntermediateKey);
        }

        /// <summary>Uses a system key that a record names. If that is to encrypt, a key that may not is treated as
        /// missing.</summary>
        internal virtual T WithExistingSystemKey<T>(
            KeyMeta systemKeyMeta, bool treatExpiredAsMissing, Func<CryptoKey, T> functionWithSystemKey)
        {
            // What is no system key's id at all does not come from records of this format.
            bool foreign = systemKeyMeta.KeyId != partition.SystemKeyId &&
                systemKeyMeta.KeyId.StartsWith("_SK_", StringComparison.Ordinal);
            CryptoKey key = foreign
                ? known.Foreign?.Get(ForeignName(systemKeyMeta))
                : systemKeyCache.Get(systemKeyMeta.Created);
            if (key == null)
            {
                key = GetSystemKey(systemKeyMeta);
                if (policy.CanCacheSystemKeys())
                {
                    key = CacheSystemKey(key, systemKeyMeta, foreign);
                }
            }

            if (treatExpiredAsMissing && !MayEncrypt(key))
            {
                // What it seals has to open all the same: a damaged record is told, not replaced.
                (ApplyAndDispose(key, functionWithSystemKey) as IDisposable)?.Dispose();
                throw new MetadataMissingException(ExpiredSystemKey + ", keyMeta = " + systemKeyMeta);
            }

            if (!treatExpiredAsMissing && policy.NotifyExpiredSystemKeyOnRead() && IsKeyExpiredOrRevoked(key))
            {
                logger?.LogDebug("NOTIFICATION: Expired SK {KeyMeta} in use during read", systemKeyMeta);
            }

            return ApplyAndDispose(key, functionWithSystemKey);
        }

        internal virtual T WithSystemKeyForWrite<T>(Func<CryptoKey, T> functionWithDecryptedSystemKey)
        {
            CryptoKey key = systemKeyCache.GetLast();
            if (key == null || !MayEncrypt(key))
            {
                key?.Dispose();
                key = GetLatestOrCreateSystemKey();
                if (policy.CanCacheSystemKeys())
                {
                    key = CacheSystemKey(key, new KeyMeta(partition.SystemKeyId, key.GetCreated()), false);
                }
            }

            if (policy.IsQueuedKeyRotation() && IsKeyExpiredOrRevoked(key))
            {
                Queue("SK", partition.SystemKeyId, inline => inline.WithSystemKeyForWrite(_ => true));
            }

            return ApplyAndDispose(key, functionWithDecryptedSystemKey);
        }

        private static string ForeignName(KeyMeta name)
        {
            return name.KeyId + "\n" + name.Created.ToUnixTimeSeconds();
        }

        private static T ApplyAndDispose<T>(CryptoKey key, Func<CryptoKey, T> function)
        {
            try
            {
                return function(key);
            }
            catch (Exception e)
            {
                throw new AppEncryptionException("Failed call action method, error: " + e.Message, e);
            }
            finally
            {
                DisposeKey(key);
            }
        }

        private static void DisposeKey(CryptoKey key)
        {
            try
            {
                key.Dispose();
            }
            catch (Exception e)
            {
                throw new AppEncryptionException("Failed to dispose/wipe key, error: " + e.Message, e);
            }
        }

        // In the caches a key that is expired goes on until its successor is there, if rotation is queued.
        private bool MayEncrypt(CryptoKey key)
        {
            return (!IsKeyExpiredOrRevoked(key) && !IsParentOutdated(key)) ||
                (policy.IsQueuedKeyRotation() && !key.IsRevoked() && !IsParentRevoked(key));
        }

        private bool IsParentOutdated(CryptoKey key)
        {
            return known.TryGetParent(key.GetCreated(), out DateTimeOffset parent) &&
                (IsExpired(parent) || IsParentRevoked(key));
        }

        private bool IsParentRevoked(CryptoKey key)
        {
            if (!known.TryGetParent(key.GetCreated(), out DateTimeOffset created))
            {
                return false;
            }

            using (CryptoKey parent = systemKeyCache.Get(created))
            {
                return parent != null && parent.IsRevoked();
            }
        }

        private CryptoKey CacheIntermediateKey(CryptoKey key, string foreignName)
        {
            try
            {
                logger?.LogDebug(
                    "Attempting to update cache for IK {KeyId} with created {Created}",
                    partition.IntermediateKeyId,
                    key.GetCreated());
                return foreignName != null
                    ? known.OpenForeign(policy).PutAndGetUsable(foreignName, key)
                    : intermediateKeyCache.PutAndGetUsable(key.GetCreated(), key);
            }
            catch (Exception e)
            {
                DisposeKey(key);
                throw new AppEncryptionException("Unable to update cache for Intermediate Key", e);
            }
        }

        private CryptoKey CacheSystemKey(CryptoKey key, KeyMeta name, bool foreign)
        {
            try
            {
                logger?.LogDebug("Attempting to update cache for SK {KeyMeta}", name);
                return foreign
                    ? known.OpenForeign(policy).PutAndGetUsable(ForeignName(name), key)
                    : systemKeyCache.PutAndGetUsable(name.Created, key);
            }
            catch (Exception e)
            {
                DisposeKey(key);
                throw new AppEncryptionException("Unable to update cache for SystemKey", e);
            }
        }

        // The call for which the key is found expired is under way, so that this object cannot be closed yet.
        private void Queue(string label, string keyId, Action<EnvelopeEncryptionJsonImpl> rotate)
        {
            if (!uses.TryJoin())
            {
                return;
            }

            bool begun = rotations.Begin(keyId, () =>
            {
                try
                {
                    rotate(Inline());
                }
                catch (Exception e)
                {
                    logger?.LogError(e, "Rotation of {KeyId} failed and is tried again", keyId);
                    throw;
                }
                finally
                {
                    uses.Leave();
                }
            });
            if (!begun)
            {
                uses.Leave();
                return;
            }

            logger?.LogDebug("Queuing up " + label + " {KeyId} for rotation", keyId);
        }

        // The same parts under a policy that does not queue; not to be disposed.
        private EnvelopeEncryptionJsonImpl Inline()
        {
            return new EnvelopeEncryptionJsonImpl(
                partition,
                metastore,
                systemKeyCache,
                intermediateKeyCache,
                crypto,
                new InlineRotation(policy),
                keyManagementService,
                logger,
                rotations,
                null,
                known);
        }

        // What is not cached, or not yet, has to be looked for, which may take long.
        private bool MayBlock()
        {
            if (!uses.TryEnter())
            {
                return false;
            }

            try
            {
                using (CryptoKey key = intermediateKeyCache.GetLast())
                {
                    return key == null || !MayEncrypt(key);
                }
            }
            finally
            {
                uses.Leave();
            }
        }

        private bool MayBlock(JObject dataRowRecord)
        {
            KeyMeta name = (dataRowRecord?["Key"] as JObject)?["ParentKeyMeta"] is JObject parent
                ? KeyRecord.ReadParent((JObject)dataRowRecord["Key"])
                : null;
            if (name == null || !uses.TryEnter())
            {
                return false; // since it fails
            }

            try
            {
                using (CryptoKey key = name.KeyId == partition.IntermediateKeyId
                    ? intermediateKeyCache.Get(name.Created)
                    : known.Foreign?.Get(ForeignName(name)))
                {
                    return key == null;
                }
            }
            finally
            {
                uses.Leave();
            }
        }
    }
}
