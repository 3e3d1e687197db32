using System;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>
    /// Makes sessions for the partitions of one service of one product; holds its metastore, key management service and
    /// key caches. Make one and keep it. Safe for use by many threads at once.
    /// </summary>
    /// <remarks>
    /// Sessions that are open when the factory is disposed stay usable until they are disposed; the last one to go
    /// wipes the keys.
    /// </remarks>
    public partial class SessionFactory : IDisposable
    {
        private readonly IAppEncryptionCore core;
        private readonly CryptoPolicy policy;
        private readonly ILogger logger;
        private readonly SessionCache sessions;
        private readonly bool allowEmptyPartition;

        /// <summary>Makes a factory on an engine, which it owns.</summary>
        /// <param name="core">The engine.</param>
        /// <param name="policy">What decides whether sessions are cached; the engine has its own reference.</param>
        /// <param name="logger">Where failures on closing go; may be null.</param>
        internal SessionFactory(IAppEncryptionCore core, CryptoPolicy policy, ILogger logger)
        {
            this.core = core = Switches.IsOn(Switches.TolerantRecords) ? new TolerantCore(core) : core;
            this.policy = policy;
            this.logger = logger;
            sessions = new SessionCache(core, policy, logger, Clock.Milliseconds);
            allowEmptyPartition = Switches.IsOn(Switches.AllowEmptyPartition);
        }

        /// <summary>The step that says where keys are stored.</summary>
        public interface IMetastoreStep
        {
            /// <summary>Keeps keys in the memory of this process: when it ends, nothing can be decrypted any more. For
            /// tests.</summary>
            /// <returns>The next step.</returns>
            ICryptoPolicyStep WithInMemoryMetastore();

            /// <summary>Keeps keys in a metastore.</summary>
            /// <param name="metastore">The metastore, one of this assembly or the application's own. The factory uses
            /// it, also after this factory is disposed while sessions are open, and does not dispose it.</param>
            /// <returns>The next step.</returns>
            /// <exception cref="ArgumentNullException">It is null.</exception>
            ICryptoPolicyStep WithMetastore(IMetastore<JObject> metastore);

            /// <summary>
            /// Uses a metastore of the native library. Not part of canonical Asherah.
            /// </summary>
            /// <param name="json">
            /// A JSON object with a metastore and any other fields of docs/configuration.md, such as
            /// <c>{"Metastore":"sqlite","ConnectionString":"keys.db"}</c>, but those that the steps of this builder set
            /// (product, service, policy, sessions), and those of the KMS, which is that of the last step.
            /// </param>
            /// <returns>The next step.</returns>
            /// <exception cref="ArgumentNullException">It is null.</exception>
            /// <exception cref="ArgumentException">It is not a JSON object, names no metastore, or has a field that the
            /// builder sets. What the fields say is checked by <see cref="IBuildStep.Build"/>.</exception>
            ICryptoPolicyStep WithNativeConfiguration(string json);
        }

        /// <summary>The step that says how long keys live.</summary>
        public interface ICryptoPolicyStep
        {
            /// <summary>Uses keys that never expire.</summary>
            /// <returns>The next step.</returns>
            IKeyManagementServiceStep WithNeverExpiredCryptoPolicy();

            /// <summary>Uses a policy.</summary>
            /// <param name="cryptoPolicy">The policy, one of this assembly or the application's own, which is asked at
            /// each decision.</param>
            /// <returns>The next step.</returns>
            /// <exception cref="ArgumentNullException">It is null.</exception>
            IKeyManagementServiceStep WithCryptoPolicy(CryptoPolicy cryptoPolicy);
        }

        /// <summary>The step that says who protects the system keys.</summary>
        public interface IKeyManagementServiceStep
        {
            /// <summary>Protects system keys with a key that the application has.</summary>
            /// <param name="staticMasterKey">The key: exactly 32 bytes as UTF-8.</param>
            /// <returns>The next step.</returns>
            /// <exception cref="ArgumentNullException">It is null.</exception>
            /// <exception cref="ArgumentException">It is not 32 bytes as UTF-8.</exception>
            IBuildStep WithStaticKeyManagementService(string staticMasterKey);

            /// <summary>Protects system keys with a key management service.</summary>
            /// <param name="keyManagementService">The service, one of this assembly or the application's own. The
            /// factory uses it, also after this factory is disposed while sessions are open, and does not dispose
            /// it.</param>
            /// <returns>The next step.</returns>
            /// <exception cref="ArgumentNullException">It is null.</exception>
            IBuildStep WithKeyManagementService(IKeyManagementService keyManagementService);
        }

        /// <summary>The last step.</summary>
        public interface IBuildStep
        {
            /// <summary>Measures what the factory does.</summary>
            /// <param name="metrics">Where the timers are kept; null for nowhere.</param>
            /// <returns>This step.</returns>
            IBuildStep WithMetrics(IMetrics metrics);

            /// <summary>Logs what the factory does.</summary>
            /// <param name="logger">The logger; null for none.</param>
            /// <returns>This step.</returns>
            IBuildStep WithLogger(ILogger logger);

            /// <summary>Makes the factory, loading the native library if that has not been done.</summary>
            /// <returns>The factory, to dispose at the end.</returns>
            /// <exception cref="ArgumentException">The native library refuses the configuration; the message names the
            /// field.</exception>
            /// <exception cref="DllNotFoundException">The native library is missing or does not load.</exception>
            /// <exception cref="BadImageFormatException">The native library is for another processor.</exception>
            /// <exception cref="PlatformNotSupportedException">The native library does not run on this
            /// system.</exception>
            /// <exception cref="Crypto.Exceptions.AppEncryptionException">The metastore could not be opened, or the
            /// native library is too old.</exception>
            SessionFactory Build();
        }

        /// <summary>Starts a factory.</summary>
        /// <param name="productId">The product; not empty.</param>
        /// <param name="serviceId">The service; not empty.</param>
        /// <returns>The first step.</returns>
        /// <exception cref="ArgumentNullException">One of them is null.</exception>
        /// <exception cref="ArgumentException">One of them is empty or has a lone surrogate.</exception>
        public static IMetastoreStep NewBuilder(string productId, string serviceId)
        {
            return new SessionFactoryBuilder(productId, serviceId);
        }

        /// <summary>Opens a session for payloads and records as bytes. Asks neither metastore nor key management
        /// service.</summary>
        /// <param name="partitionId">The partition, taken verbatim; not empty unless the <c>AppContext</c> switch
        /// <c>GoDaddy.Asherah.AllowEmptyPartition</c> was on when the factory was built.</param>
        /// <returns>The session, to dispose at the end.</returns>
        /// <exception cref="ArgumentNullException">It is null.</exception>
        /// <exception cref="ArgumentException">It is empty, or has a lone surrogate.</exception>
        /// <exception cref="ObjectDisposedException">The factory is disposed.</exception>
        public Session<byte[], byte[]> GetSessionBytes(string partitionId)
        {
            return new BytesSession(Open(partitionId));
        }

        /// <summary>Opens a session for payloads as JSON objects and records as bytes.</summary>
        /// <param name="partitionId">As in <see cref="GetSessionBytes"/>.</param>
        /// <returns>The session, to dispose at the end.</returns>
        public Session<JObject, byte[]> GetSessionJson(string partitionId)
        {
            return new JsonSession(Open(partitionId));
        }

        /// <summary>Opens a session for payloads as bytes and records as JSON objects.</summary>
        /// <param name="partitionId">As in <see cref="GetSessionBytes"/>.</param>
        /// <returns>The session, to dispose at the end.</returns>
        public Session<byte[], JObject> GetSessionBytesAsJson(string partitionId)
        {
            return new BytesAsJsonSession(Open(partitionId));
        }

        /// <summary>Opens a session for payloads and records as JSON objects.</summary>
        /// <param name="partitionId">As in <see cref="GetSessionBytes"/>.</param>
        /// <returns>The session, to dispose at the end.</returns>
        public Session<JObject, JObject> GetSessionJsonAsJson(string partitionId)
        {
            return new JsonAsJsonSession(Open(partitionId));
        }

        /// <summary>Closes the factory, not its metastore and key management service. Never blocks; calling it again
        /// does nothing. Open sessions stay usable until they are disposed.</summary>
        public virtual void Dispose()
        {
            try
            {
                core.Dispose();
            }
            catch (Exception e)
            {
                logger?.LogError(e, "unexpected exception during close");
            }

            sessions.Dispose();
            GC.SuppressFinalize(this);
        }

        private PartitionUse Open(string partitionId)
        {
            if (partitionId == null)
            {
                throw new ArgumentNullException(nameof(partitionId));
            }

            if (partitionId.Length == 0 && !allowEmptyPartition)
            {
                throw new ArgumentException("The partition is empty.", nameof(partitionId));
            }

            if (policy.CanCacheSessions())
            {
                CachedPartition cached = sessions.Enter(partitionId);
                return new PartitionUse(cached.Core, cached);
            }

            IPartitionCore partition = core.Open(partitionId);
            return new PartitionUse(partition, partition);
        }
    }
}
