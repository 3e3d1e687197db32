using System;
using GoDaddy.Asherah.AppEncryption.Envelope;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Keys;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>The engine in managed code. It needs no native library.</summary>
    internal sealed class ManagedCore : IAppEncryptionCore
    {
        private readonly string productId;
        private readonly string serviceId;
        private readonly IMetastore<JObject> metastore;
        private readonly SecureCryptoKeyDictionary<DateTimeOffset> systemKeyCache;
        private readonly CryptoPolicy policy;
        private readonly IKeyManagementService keyManagementService;
        private readonly ILogger logger;
        private readonly BouncyAes256GcmCrypto crypto = new BouncyAes256GcmCrypto();
        private readonly QueuedRotations rotations = new QueuedRotations();
        private readonly UseCount uses;
        private readonly Action leave;

        // Disposed with the engine, unlike one that the application has given.
        private StaticKeyManagementServiceImpl ownKms;

        /// <summary>Puts the parts together. The cache is disposed when this engine and all its partitions are, the
        /// other parts are not; there may be no logger.</summary>
        internal ManagedCore(
            string productId,
            string serviceId,
            IMetastore<JObject> metastore,
            SecureCryptoKeyDictionary<DateTimeOffset> systemKeyCache,
            CryptoPolicy policy,
            IKeyManagementService keyManagementService,
            ILogger logger)
        {
            this.productId = productId;
            this.serviceId = serviceId;
            this.metastore = metastore;
            this.systemKeyCache = systemKeyCache;
            this.policy = policy;
            this.keyManagementService = keyManagementService;
            this.logger = logger;
            uses = new UseCount(Close);
            leave = uses.Leave;
        }

        /// <summary>Makes the engine of a builder.</summary>
        /// <exception cref="InvalidOperationException">The metastore is one of the native library.</exception>
        internal static ManagedCore Create(FactoryConfiguration configuration)
        {
            if (configuration.NativeFields != null)
            {
                throw new InvalidOperationException(
                    "WithNativeConfiguration needs the native engine, and this process has chosen the managed one (" +
                    EngineChoice.Variable + " or the AppContext switch " + EngineChoice.Switch + ").");
            }

            StaticKeyManagementServiceImpl ownKms = configuration.Kms == null
                ? new StaticKeyManagementServiceImpl(configuration.StaticKey)
                : null;
            return new ManagedCore(
                configuration.ProductId,
                configuration.ServiceId,
                configuration.Metastore ?? new InMemoryMetastoreImpl<JObject>(),
                new SecureCryptoKeyDictionary<DateTimeOffset>(configuration.Policy.GetRevokeCheckPeriodMillis()),
                configuration.Policy,
                configuration.Kms ?? ownKms,
                configuration.Logger)
            {
                ownKms = ownKms,
            };
        }

        public IPartitionCore Open(string partitionId)
        {
            if (!uses.TryEnter())
            {
                throw new ObjectDisposedException(nameof(SessionFactory));
            }

            bool opened = false;
            try
            {
                var partition = new ManagedPartition(new EnvelopeEncryptionJsonImpl(
                    NewPartition(partitionId),
                    metastore,
                    systemKeyCache,
                    new SecureCryptoKeyDictionary<DateTimeOffset>(policy.GetRevokeCheckPeriodMillis()),
                    crypto,
                    policy,
                    keyManagementService,
                    logger,
                    rotations,
                    leave));
                opened = true;
                return partition;
            }
            finally
            {
                if (!opened)
                {
                    uses.Leave();
                }
            }
        }

        public void Dispose()
        {
            uses.Close();
        }

        private Partition NewPartition(string partitionId)
        {
            string suffix = metastore.GetKeySuffix();
            return string.IsNullOrEmpty(suffix)
                ? (Partition)new DefaultPartition(partitionId, serviceId, productId)
                : new SuffixedPartition(partitionId, serviceId, productId, suffix);
        }

        private void Close()
        {
            try
            {
                systemKeyCache.Dispose();
                crypto.Dispose();
                ownKms?.Dispose();
            }
            catch (Exception e)
            {
                logger?.LogError(e, "unexpected exception during close");
            }
        }
    }
}
