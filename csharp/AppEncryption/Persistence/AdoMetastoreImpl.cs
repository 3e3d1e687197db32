using System;
using System.Data.Common;
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.PlatformNative.Interop;
using LanguageExt;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>
    /// A metastore in the table encryption_key of a relational database. Safe for use by many threads at once. Failures
    /// are exceptions; only a record that is there already is false, and only one that is not there is none.
    /// </summary>
    /// <remarks>
    /// <para>Factories of Microsoft.Data.SqlClient, System.Data.SqlClient, Npgsql, MySqlConnector and MySql.Data stand
    /// for their databases, to which the native library connects by itself. Every other factory's provider is used as
    /// it is; so are these where the native library cannot do what the connection string asks for, such as Windows
    /// authentication, which is a warning to the builder's logger, and with the managed engine.</para>
    /// <para>Factories of sessions that are made with one object share its connections.</para>
    /// </remarks>
    public class AdoMetastoreImpl : IMetastore<JObject>, INativeMetastore, IObservedPart
    {
        private const string TimerName = "metastore.ado";

        private readonly MetastoreCalls calls;

        internal AdoMetastoreImpl(DbProviderFactory dbProviderFactory, string connectionString, ILogger logger = null)
        {
            calls = new MetastoreCalls(Open(dbProviderFactory, connectionString, logger), logger, TimerName);
        }

        /// <inheritdoc/>
        string IObservedPart.TimerName => TimerName;

        /// <inheritdoc/>
        ILogger IObservedPart.LoggerOfNative => ((INativeMetastore)this).NativeHandle != null ? calls.Logger : null;

        /// <inheritdoc/>
        SafeMetastoreHandle INativeMetastore.NativeHandle =>
            GetType() == typeof(AdoMetastoreImpl) ? (calls.KeyStore as NativeKeyStore)?.Handle : null;

        /// <summary>Starts a metastore.</summary>
        /// <param name="dbProviderFactory">The provider's factory.</param>
        /// <param name="connectionString">The connection string, in the provider's form.</param>
        /// <returns>The builder.</returns>
        /// <exception cref="ArgumentNullException">One of them is null.</exception>
        public static Builder NewBuilder(DbProviderFactory dbProviderFactory, string connectionString)
        {
            return new Builder(
                dbProviderFactory ?? throw new ArgumentNullException(nameof(dbProviderFactory)),
                connectionString ?? throw new ArgumentNullException(nameof(connectionString)));
        }

        /// <inheritdoc/>
        /// <exception cref="Crypto.Exceptions.AppEncryptionException">The database cannot be asked, or the row is no
        /// key record.</exception>
        public virtual Option<JObject> Load(string keyId, DateTimeOffset created)
        {
            return calls.Load(keyId, created);
        }

        /// <inheritdoc/>
        /// <exception cref="Crypto.Exceptions.AppEncryptionException">As for <see cref="Load"/>.</exception>
        public Option<JObject> LoadLatest(string keyId)
        {
            return calls.LoadLatest(keyId);
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">The table cannot hold the id, the time or the record.</exception>
        /// <exception cref="Crypto.Exceptions.AppEncryptionException">The database cannot be asked or refuses the
        /// row.</exception>
        public bool Store(string keyId, DateTimeOffset created, JObject value)
        {
            return calls.Store(keyId, created, value);
        }

        /// <summary>Returns what the ids of keys end in.</summary>
        /// <returns>The empty string: nothing.</returns>
        public string GetKeySuffix()
        {
            return string.Empty;
        }

        private static IKeyStore Open(DbProviderFactory factory, string connectionString, ILogger logger)
        {
            AdoProvider provider = AdoProvider.Of(factory);
            var managed = new AdoKeyStore(factory, connectionString, provider);
            if (provider.DatabaseType == null || EngineChoice.IsManaged())
            {
                return managed;
            }

            try
            {
                return NativeKeyStore.Open(json =>
                {
                    NativeKeyStore.AddField(json, "Metastore", "rdbms");
                    NativeKeyStore.AddField(json, "SQLMetastoreDBType", provider.DatabaseType);
                    NativeKeyStore.AddField(json, "ConnectionString", connectionString);
                });
            }
            catch (ArgumentException e) when (managed.TakesConnectionString())
            {
                logger?.LogWarning(
                    e, "The native library cannot use the connection string; the database is asked through {Provider}",
                    factory.GetType().Namespace);
                return managed;
            }
        }

        /// <summary>Collects what a metastore needs.</summary>
        public class Builder
        {
            private readonly DbProviderFactory dbProviderFactory;
            private readonly string connectionString;
            private ILogger logger;

            internal Builder(DbProviderFactory dbProviderFactory, string connectionString)
            {
                this.dbProviderFactory = dbProviderFactory;
                this.connectionString = connectionString;
            }

            /// <summary>Has failures written to a logger.</summary>
            /// <param name="logger">The logger; null for none.</param>
            /// <returns>This builder.</returns>
            public Builder WithLogger(ILogger logger)
            {
                this.logger = logger;
                return this;
            }

            /// <summary>Makes the metastore. Connects to nothing yet.</summary>
            /// <returns>The metastore.</returns>
            /// <exception cref="ArgumentException">Neither the native library nor the provider takes the connection
            /// string; the message does not show it.</exception>
            /// <exception cref="DllNotFoundException">The native library is missing.</exception>
            public AdoMetastoreImpl Build()
            {
                return new AdoMetastoreImpl(dbProviderFactory, connectionString, logger);
            }
        }
    }
}
