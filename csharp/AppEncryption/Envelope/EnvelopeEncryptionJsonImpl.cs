using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Envelope;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    /// <summary>
    /// Envelope encryption in managed code, for one partition: every record is sealed under a data row key of its own,
    /// that under the partition's intermediate key, that under the service's system key, which the key management
    /// service wraps. Safe for use by many threads at once, if its parts are.
    /// </summary>
    public partial class EnvelopeEncryptionJsonImpl : IEnvelopeEncryption<JObject>
    {
        private readonly Partition partition;
        private readonly IMetastore<JObject> metastore;
        private readonly SecureCryptoKeyDictionary<DateTimeOffset> systemKeyCache;
        private readonly SecureCryptoKeyDictionary<DateTimeOffset> intermediateKeyCache;
        private readonly AeadEnvelopeCrypto crypto;
        private readonly CryptoPolicy policy;
        private readonly IKeyManagementService keyManagementService;
        private readonly ILogger logger;
        private readonly QueuedRotations rotations;
        private readonly Action disposed;
        private readonly UseCount uses;
        private readonly KnownKeys known;

        /// <summary>Puts the parts together.</summary>
        /// <param name="partition">The partition.</param>
        /// <param name="metastore">Where keys are stored; not disposed.</param>
        /// <param name="systemKeyCache">System keys of the partition's service, which others may share; not
        /// disposed.</param>
        /// <param name="intermediateKeyCache">Intermediate keys of this partition only; disposed with this
        /// object.</param>
        /// <param name="aeadEnvelopeCrypto">The cipher; not disposed.</param>
        /// <param name="cryptoPolicy">How long keys live, asked at each decision.</param>
        /// <param name="keyManagementService">What wraps system keys; not disposed. Only its synchronous methods are
        /// called.</param>
        public EnvelopeEncryptionJsonImpl(
            Partition partition,
            IMetastore<JObject> metastore,
            SecureCryptoKeyDictionary<DateTimeOffset> systemKeyCache,
            SecureCryptoKeyDictionary<DateTimeOffset> intermediateKeyCache,
            AeadEnvelopeCrypto aeadEnvelopeCrypto,
            CryptoPolicy cryptoPolicy,
            IKeyManagementService keyManagementService)
            : this(
                partition,
                metastore,
                systemKeyCache,
                intermediateKeyCache,
                aeadEnvelopeCrypto,
                cryptoPolicy,
                keyManagementService,
                null)
        {
        }

        /// <summary>Puts the parts together.</summary>
        /// <param name="partition">The partition.</param>
        /// <param name="metastore">Where keys are stored; not disposed.</param>
        /// <param name="systemKeyCache">System keys of the partition's service, which others may share; not
        /// disposed.</param>
        /// <param name="intermediateKeyCache">Intermediate keys of this partition only; disposed with this
        /// object.</param>
        /// <param name="aeadEnvelopeCrypto">The cipher; not disposed.</param>
        /// <param name="cryptoPolicy">How long keys live, asked at each decision.</param>
        /// <param name="keyManagementService">What wraps system keys; not disposed. Only its synchronous methods are
        /// called.</param>
        /// <param name="logger">The logger; null for none.</param>
        public EnvelopeEncryptionJsonImpl(
            Partition partition,
            IMetastore<JObject> metastore,
            SecureCryptoKeyDictionary<DateTimeOffset> systemKeyCache,
            SecureCryptoKeyDictionary<DateTimeOffset> intermediateKeyCache,
            AeadEnvelopeCrypto aeadEnvelopeCrypto,
            CryptoPolicy cryptoPolicy,
            IKeyManagementService keyManagementService,
            ILogger logger)
            : this(
                partition,
                metastore,
                systemKeyCache,
                intermediateKeyCache,
                aeadEnvelopeCrypto,
                cryptoPolicy,
                keyManagementService,
                logger,
                new QueuedRotations(),
                null)
        {
        }

        /// <summary>Puts the parts together, with the queue of a factory, what is called when this object is disposed
        /// and not in use any more, and what another object knows of the partition's keys.</summary>
        internal EnvelopeEncryptionJsonImpl(
            Partition partition,
            IMetastore<JObject> metastore,
            SecureCryptoKeyDictionary<DateTimeOffset> systemKeyCache,
            SecureCryptoKeyDictionary<DateTimeOffset> intermediateKeyCache,
            AeadEnvelopeCrypto aeadEnvelopeCrypto,
            CryptoPolicy cryptoPolicy,
            IKeyManagementService keyManagementService,
            ILogger logger,
            QueuedRotations rotations,
            Action disposed,
            KnownKeys known = null)
        {
            this.partition = partition;
            this.metastore = metastore;
            this.systemKeyCache = systemKeyCache;
            this.intermediateKeyCache = intermediateKeyCache;
            crypto = aeadEnvelopeCrypto;
            policy = cryptoPolicy;
            this.keyManagementService = keyManagementService;
            this.logger = logger;
            this.rotations = rotations;
            this.disposed = disposed;
            this.known = known ?? new KnownKeys();
            uses = new UseCount(CloseCaches);
        }

        /// <summary>Makes what overrides every member, as mocks do.</summary>
        internal EnvelopeEncryptionJsonImpl()
        {
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">The record is null.</exception>
        /// <exception cref="MetadataMissingException">The record names no key, one of another partition, or one that
        /// the metastore does not have.</exception>
        /// <exception cref="AppEncryptionException">The record lacks a member, or was altered.</exception>
        /// <exception cref="FormatException">A member of the record is not base64.</exception>
        /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
        public virtual byte[] DecryptDataRowRecord(JObject dataRowRecord)
        {
            DataRowRecord record = DataRowRecord.Read(
                dataRowRecord ?? throw new ArgumentException("jObject is null"));
            if (!partition.IsValidIntermediateKeyId(record.Parent.KeyId))
            {
                throw new MetadataMissingException(
                    "Could not find the record's key among those of this session's partition: the record belongs to " +
                    "another partition, service, product or region.");
            }

            Enter();
            try
            {
                return WithIntermediateKeyForRead(
                    record.Parent,
                    key => crypto.EnvelopeDecrypt(record.Data, record.Key.EncryptedKey, record.Key.Created, key));
            }
            finally
            {
                uses.Leave();
            }
        }

        /// <inheritdoc/>
        /// <exception cref="AppEncryptionException">The payload is null, or a new key could not be made or
        /// stored.</exception>
        /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
        public virtual JObject EncryptPayload(byte[] payload)
        {
            if (payload == null)
            {
                throw new AppEncryptionException(
                    "There is no payload to encrypt: it is null.", new NullReferenceException("payload"));
            }

            Enter();
            try
            {
                EnvelopeEncryptResult<KeyMeta> result = WithIntermediateKeyForWrite(key => crypto.EnvelopeEncrypt(
                    payload, key, new KeyMeta(partition.IntermediateKeyId, key.GetCreated())));
                return DataRowRecord.Write(
                    new EnvelopeKeyRecord(DateTimeOffset.UtcNow, result.UserState, result.EncryptedKey),
                    result.CipherText);
            }
            finally
            {
                uses.Leave();
            }
        }

        /// <inheritdoc/>
        public virtual Task<byte[]> DecryptDataRowRecordAsync(JObject dataRowRecord)
        {
            try
            {
                return MayBlock(dataRowRecord)
                    ? Task.Run(() => DecryptDataRowRecord(dataRowRecord))
                    : Task.FromResult(DecryptDataRowRecord(dataRowRecord));
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }
        }

        /// <inheritdoc/>
        public virtual Task<JObject> EncryptPayloadAsync(byte[] payload)
        {
            try
            {
                return MayBlock()
                    ? Task.Run(() => EncryptPayload(payload))
                    : Task.FromResult(EncryptPayload(payload));
            }
            catch (Exception e)
            {
                return Task.FromException<JObject>(e);
            }
        }

        /// <summary>Disposes the cache of intermediate keys, after the calls that are under way. Never blocks; calling
        /// it again does nothing.</summary>
        public virtual void Dispose()
        {
            uses.Close();
            GC.SuppressFinalize(this);
        }

        private void Enter()
        {
            if (!uses.TryEnter())
            {
                throw new ObjectDisposedException("Session", "The session is closed.");
            }
        }

        private void CloseCaches()
        {
            try
            {
                intermediateKeyCache.Dispose();
                known.Foreign?.Dispose();
            }
            catch (Exception e)
            {
                logger?.LogError(e, "unexpected exception during close");
            }

            disposed?.Invoke();
        }
    }
}
