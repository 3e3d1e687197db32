using System;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Envelope;
using GoDaddy.Asherah.PlatformNative.Interop;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Diagnostics
{
    /// <summary>
    /// The logs and metrics of one factory, fed by what the library tells of its keys. Operators match on the
    /// templates, which are those of canonical Asherah.
    /// </summary>
    internal sealed unsafe class FactoryObserver
    {
        private readonly ILogger logger;
        private readonly ObservedPart metastore;
        private readonly ObservedPart kms;

        /// <summary>Makes an observer.</summary>
        /// <param name="logger">The factory's logger, or null.</param>
        /// <param name="metrics">The factory's metrics, or null.</param>
        /// <param name="metastore">What is known of the metastore.</param>
        /// <param name="kms">What is known of the key management service.</param>
        internal FactoryObserver(ILogger logger, IMetrics metrics, ObservedPart metastore, ObservedPart kms)
        {
            this.logger = logger;
            Metrics = metrics;
            this.metastore = metastore;
            this.kms = kms;
        }

        /// <summary>Gets the factory's metrics, or null.</summary>
        internal IMetrics Metrics { get; }

        /// <summary>Logs and measures one event.</summary>
        internal void Tell(Native.AsherahEvent* happened)
        {
            bool systemKey = happened->SystemKey != 0;
            switch (happened->Type)
            {
                case Native.EventType.LoadedLatest:
                    Loaded(happened, "load_latest", "loadlatest");
                    break;
                case Native.EventType.Loaded:
                    Loaded(happened, "load", "load");
                    break;
                case Native.EventType.Stored:
                    Stored(happened);
                    break;
                case Native.EventType.KeyEncrypted:
                    Asked(happened, "encrypt_key", "encryptkey");
                    break;
                case Native.EventType.KeyDecrypted:
                    Asked(happened, "decrypt_key", "decryptkey");
                    break;
                case Native.EventType.KeyCached:
                    Telemetry.KeyCached(systemKey);
                    break;
                case Native.EventType.ExpiredKeyRead:
                    Telemetry.ExpiredKeyRead(systemKey);
                    break;
                case Native.EventType.RotationQueued:
                    Telemetry.Rotation(systemKey, "queued");
                    break;
                case Native.EventType.RotationDone:
                    Telemetry.Rotation(systemKey, "done");
                    break;
                case Native.EventType.RotationFailed:
                    Telemetry.Rotation(systemKey, "failed");
                    break;
                case Native.EventType.DataKeyGenerated:
                    Requested(happened, "generate_data_key", "generatedatakey");
                    break;
                case Native.EventType.DataKeyEncrypted:
                    Requested(happened, "encrypt", "encrypt");
                    break;
                case Native.EventType.DataKeyDecrypted:
                    Requested(happened, "decrypt", "decrypt");
                    break;
            }

            if (logger != null && logger.IsEnabled(LogLevel.Debug))
            {
                Log(
                    happened->Type,
                    HostReply.Text(happened->Id, happened->IdLen),
                    DateTimeOffset.FromUnixTimeSeconds(happened->Created),
                    systemKey,
                    happened->Absent != 0);
            }
        }

        private void Log(Native.EventType type, string id, DateTimeOffset created, bool systemKey, bool absent)
        {
            switch (type)
            {
                case Native.EventType.LoadingLatest:
                    logger.LogDebug("Attempting to load latest key with keyId {KeyId}", id);
                    break;
                case Native.EventType.Loading:
                    logger.LogDebug("Attempting to load key with KeyID {KeyId} created {Created}", id, created);
                    break;
                case Native.EventType.Storing when systemKey:
                    logger.LogDebug("Attempting to store new SK {KeyId} for created {Created}", id, created);
                    break;
                case Native.EventType.Storing:
                    logger.LogDebug("Attempting to store new IK {KeyId}, for created {Created}", id, created);
                    break;
                case Native.EventType.Stored when absent && systemKey:
                    logger.LogDebug(
                        "Attempted to store new SK {KeyId} but detected duplicate for created {Created}, " +
                        "disposing newly created SK",
                        id,
                        created);
                    break;
                case Native.EventType.Stored when absent:
                    logger.LogDebug(
                        "Attempted to store new IK {KeyId} but detected duplicate for created {Created}, " +
                        "disposing newly created IK",
                        id,
                        created);
                    break;
                case Native.EventType.KeyCached when systemKey:
                    logger.LogDebug("Attempting to update cache for SK {KeyMeta}", new KeyMeta(id, created));
                    break;
                case Native.EventType.KeyCached:
                    logger.LogDebug("Attempting to update cache for IK {KeyId} with created {Created}", id, created);
                    break;
                case Native.EventType.ExpiredKeyRead when systemKey:
                    logger.LogDebug("NOTIFICATION: Expired SK {KeyMeta} in use during read", new KeyMeta(id, created));
                    break;
                case Native.EventType.ExpiredKeyRead:
                    logger.LogDebug("NOTIFICATION: Expired IK {KeyMeta} in use during read", new KeyMeta(id, created));
                    break;
                case Native.EventType.RotationQueued when systemKey:
                    logger.LogDebug("Queuing up SK {KeyId} for rotation", id);
                    break;
                case Native.EventType.RotationQueued:
                    logger.LogDebug("Queuing up IK {KeyId} for rotation", id);
                    break;
            }
        }

        private void Loaded(Native.AsherahEvent* happened, string operation, string timer)
        {
            Measure(happened, operation, timer);
            if (happened->Failed != 0)
            {
                metastore.Logger?.LogError("Metastore error");
            }
        }

        private void Stored(Native.AsherahEvent* happened)
        {
            Measure(happened, "store", "store");
            if (happened->Failed != 0)
            {
                metastore.Logger?.LogError("Metastore error during store");
            }
            else if (happened->Absent != 0)
            {
                metastore.Logger?.LogInformation(
                    "Attempted to create duplicate key: {KeyId} {Created}",
                    HostReply.Text(happened->Id, happened->IdLen),
                    DateTimeOffset.FromUnixTimeSeconds(happened->Created));
            }
        }

        private void Measure(Native.AsherahEvent* happened, string operation, string timer)
        {
            long nanoseconds = (long)happened->DurationNs;
            Telemetry.MetastoreAnswered(operation, nanoseconds, happened->Failed != 0);
            if (metastore.Timer != null)
            {
                Timers.Record(Metrics, metastore.Timer + "." + timer, nanoseconds);
            }
        }

        private void Asked(Native.AsherahEvent* happened, string operation, string timer)
        {
            long nanoseconds = (long)happened->DurationNs;
            Telemetry.KmsAnswered(operation, nanoseconds, happened->Failed != 0);
            if (kms.Timer != null)
            {
                Timers.Record(Metrics, kms.Timer + "." + timer, nanoseconds);
            }
        }

        private void Requested(Native.AsherahEvent* happened, string operation, string timer)
        {
            bool timed = kms.Timer != null && Metrics != null;
            if ((!timed && !Telemetry.WantsKmsRequests) || !Native.HasRegion(happened))
            {
                return;
            }

            string region = HostReply.Text(happened->Region, happened->RegionLen);
            long nanoseconds = (long)happened->DurationNs;
            Telemetry.KmsRequested(operation, region, nanoseconds, happened->Failed != 0);
            if (timed)
            {
                Timers.Record(Metrics, kms.Timer + "." + timer + "." + region, nanoseconds);
            }
        }
    }
}
