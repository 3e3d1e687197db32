using System;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;
using LanguageExt;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>
    /// A metastore in a table of Amazon DynamoDB with the partition key Id, a text, and the sort key Created, a number.
    /// Reads are consistent, writes conditional. Safe for use by many threads at once. Failures are exceptions; only a
    /// record that is there already is false, and only one that is not there is none.
    /// </summary>
    /// <remarks>
    /// The native library asks the table by itself, unless the builder was given a client, or credentials that are
    /// replaced in time: these are used as they are.
    /// </remarks>
    public class DynamoDbMetastoreImpl : IMetastore<JObject>, INativeMetastore, IObservedPart
    {
        private const string TimerName = "metastore.dynamodb";

        private readonly MetastoreCalls calls;
        private readonly string keySuffix;

        internal DynamoDbMetastoreImpl(IKeyStore store, string keySuffix, ILogger logger)
        {
            calls = new MetastoreCalls(store, logger, TimerName);
            this.keySuffix = keySuffix;
        }

        /// <summary>The steps of a builder, in any order.</summary>
        public interface IBuildStep
        {
            /// <summary>Uses an endpoint in place of the region's. The first of this and <see cref="WithRegion"/>
            /// stands.</summary>
            /// <param name="endPoint">The URL.</param>
            /// <param name="signingRegion">The region that requests are signed for.</param>
            /// <returns>The next step.</returns>
            /// <exception cref="ArgumentNullException">One of them is null.</exception>
            IBuildStep WithEndPointConfiguration(string endPoint, string signingRegion);

            /// <summary>Uses a table of another region than the preferred one. The first of this and
            /// <see cref="WithEndPointConfiguration"/> stands.</summary>
            /// <param name="region">The region, such as us-west-2.</param>
            /// <returns>The next step.</returns>
            /// <exception cref="ArgumentNullException">It is null.</exception>
            IBuildStep WithRegion(string region);

            /// <summary>Has the ids of keys end in the preferred region, which keeps the regions of a global table
            /// apart.</summary>
            /// <returns>The next step.</returns>
            IBuildStep WithKeySuffix();

            /// <summary>Uses another table than EncryptionKey.</summary>
            /// <param name="tableName">The name of the table.</param>
            /// <returns>The next step.</returns>
            /// <exception cref="ArgumentNullException">It is null.</exception>
            /// <exception cref="ArgumentException">It is empty.</exception>
            IBuildStep WithTableName(string tableName);

            /// <summary>Uses a client, as it is: region, endpoint and credentials of the other steps have no
            /// effect.</summary>
            /// <param name="client">The client, which stays the caller's; null for none.</param>
            /// <returns>The next step.</returns>
            IBuildStep WithDynamoDbClient(IAmazonDynamoDB client);

            /// <summary>Uses credentials. Those that are replaced in time are asked for anew whenever they have
            /// expired.</summary>
            /// <param name="credentials">The credentials; null for those that the environment has.</param>
            /// <returns>The next step.</returns>
            IBuildStep WithCredentials(AWSCredentials credentials);

            /// <summary>Has failures and duplicates written to a logger.</summary>
            /// <param name="logger">The logger; null for none.</param>
            /// <returns>The next step.</returns>
            IBuildStep WithLogger(ILogger logger);

            /// <summary>Makes the metastore. Connects to nothing yet.</summary>
            /// <returns>The metastore.</returns>
            /// <exception cref="ArgumentNullException">No region is given where one is needed.</exception>
            /// <exception cref="ArgumentException">A setting cannot be used; the message says which.</exception>
            /// <exception cref="DllNotFoundException">The native library is missing.</exception>
            DynamoDbMetastoreImpl Build();
        }

        /// <inheritdoc/>
        string IObservedPart.TimerName => TimerName;

        /// <inheritdoc/>
        ILogger IObservedPart.LoggerOfNative => ((INativeMetastore)this).NativeHandle != null ? calls.Logger : null;

        /// <inheritdoc/>
        SafeMetastoreHandle INativeMetastore.NativeHandle =>
            GetType() == typeof(DynamoDbMetastoreImpl) ? (calls.KeyStore as NativeKeyStore)?.Handle : null;

        /// <summary>Starts a metastore.</summary>
        /// <param name="region">The preferred region: that of the table unless another is given, and the key
        /// suffix.</param>
        /// <returns>The first step.</returns>
        public static Builder NewBuilder(string region)
        {
            return new Builder(region);
        }

        /// <inheritdoc/>
        /// <exception cref="AppEncryptionException">The table cannot be asked, or the item is no key
        /// record.</exception>
        public Option<JObject> Load(string keyId, DateTimeOffset created)
        {
            return calls.Load(keyId, created);
        }

        /// <inheritdoc/>
        /// <exception cref="AppEncryptionException">As for <see cref="Load"/>.</exception>
        public Option<JObject> LoadLatest(string keyId)
        {
            return calls.LoadLatest(keyId);
        }

        /// <inheritdoc/>
        /// <exception cref="AppEncryptionException">Any failure; its message begins with "Metastore
        /// error:".</exception>
        public bool Store(string keyId, DateTimeOffset created, JObject value)
        {
            try
            {
                return calls.Store(keyId, created, value);
            }
            catch (Exception e) when (!(e is ArgumentNullException) && !BeginsAsPromised(e))
            {
                throw new AppEncryptionException("Metastore error: " + e.Message, e);
            }
        }

        /// <summary>Returns what the ids of keys end in.</summary>
        /// <returns>The preferred region where the builder was told so, else the empty string.</returns>
        public string GetKeySuffix()
        {
            return keySuffix;
        }

        private static bool BeginsAsPromised(Exception e)
        {
            return e is AppEncryptionException && e.Message.StartsWith("Metastore error:", StringComparison.Ordinal);
        }

        /// <summary>Collects what a metastore needs.</summary>
        public class Builder : IBuildStep
        {
            private readonly DynamoDbSettings settings;
            private ILogger logger;

            /// <summary>Initializes a new instance of the <see cref="Builder"/> class.</summary>
            /// <param name="region">The preferred region.</param>
            public Builder(string region)
            {
                settings = new DynamoDbSettings(region);
            }

            /// <inheritdoc/>
            public IBuildStep WithEndPointConfiguration(string endPoint, string signingRegion)
            {
                settings.SetEndPoint(
                    endPoint ?? throw new ArgumentNullException(nameof(endPoint)),
                    signingRegion ?? throw new ArgumentNullException(nameof(signingRegion)));
                return this;
            }

            /// <inheritdoc/>
            public IBuildStep WithRegion(string region)
            {
                settings.SetRegion(region);
                return this;
            }

            /// <inheritdoc/>
            public IBuildStep WithKeySuffix()
            {
                settings.HasKeySuffix = true;
                return this;
            }

            /// <inheritdoc/>
            public IBuildStep WithTableName(string tableName)
            {
                if (tableName == null)
                {
                    throw new ArgumentNullException(nameof(tableName));
                }

                settings.TableName = tableName.Length != 0
                    ? tableName
                    : throw new ArgumentException("It is empty.", nameof(tableName));
                return this;
            }

            /// <inheritdoc/>
            public IBuildStep WithDynamoDbClient(IAmazonDynamoDB client)
            {
                settings.Client = client;
                return this;
            }

            /// <inheritdoc/>
            public IBuildStep WithCredentials(AWSCredentials credentials)
            {
                settings.Credentials = credentials;
                return this;
            }

            /// <inheritdoc/>
            public IBuildStep WithLogger(ILogger logger)
            {
                this.logger = logger;
                return this;
            }

            /// <inheritdoc/>
            public DynamoDbMetastoreImpl Build()
            {
                return new DynamoDbMetastoreImpl(settings.Open(), settings.KeySuffix, logger);
            }
        }
    }
}
