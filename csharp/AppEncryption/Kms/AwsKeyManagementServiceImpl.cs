using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Kms.Aws;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Envelope;
using GoDaddy.Asherah.Crypto.Keys;
using GoDaddy.Asherah.PlatformNative.Interop;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    /// <summary>
    /// Wraps system keys with AWS KMS in one or more regions, one of which is enough to unwrap them. A region that
    /// fails to wrap a new key is left out of it. Safe for use by many threads at once.
    /// </summary>
    /// <remarks>
    /// The native library asks AWS, with constant credentials or with those that it finds by the rules of the AWS SDKs.
    /// Credentials of other classes, such as those that refresh, are asked each time, through the AWS SDK for .NET.
    /// </remarks>
    [Obsolete(ObsoleteMessage)]
    public class AwsKeyManagementServiceImpl : KeyManagementService, INativeKms, IObservedPart
    {
        private const string ObsoleteMessage =
            "Use the Kms.KeyManagementService from the GoDaddy.Asherah.AppEncryption.PlugIns.Aws package instead. " +
            "This will be removed in a future release.";

        private const string TimerName = "kms.aws";

        private readonly AwsKms kms;

        /// <summary>Makes one on managed clients.</summary>
        internal AwsKeyManagementServiceImpl(
            Dictionary<string, string> regionToArnDictionary,
            string preferredRegion,
            AeadEnvelopeCrypto crypto,
            AwsKmsClientFactory awsKmsClientFactory,
            AWSCredentials credentials,
            ILogger logger)
            : this(OnClients(
                NewSettings(regionToArnDictionary, preferredRegion), crypto, awsKmsClientFactory, credentials, logger))
        {
        }

        private AwsKeyManagementServiceImpl(AwsKms kms)
        {
            this.kms = kms;
        }

        /// <summary>What can be said of a service before it is made.</summary>
        public interface IBuildStep
        {
            /// <summary>Uses credentials in place of those that the AWS SDK finds.</summary>
            /// <param name="credentials">The credentials; null for those that the AWS SDK finds.</param>
            /// <returns>This step.</returns>
            IBuildStep WithCredentials(AWSCredentials credentials);

            /// <summary>Logs which regions fail.</summary>
            /// <param name="logger">The logger; null for none.</param>
            /// <returns>This step.</returns>
            IBuildStep WithLogger(ILogger logger);

            /// <summary>Makes the service. Asks no server.</summary>
            /// <returns>The service.</returns>
            /// <exception cref="ArgumentException">The native library refuses the regions or the keys; the message
            /// says why.</exception>
            /// <exception cref="DllNotFoundException">The native library is missing or does not load.</exception>
            AwsKeyManagementServiceImpl Build();
        }

        /// <inheritdoc/>
        string IObservedPart.TimerName => TimerName;

        /// <inheritdoc/>
        ILogger IObservedPart.LoggerOfNative => null;

        SafeKmsHandle INativeKms.NativeHandle =>
            GetType() == typeof(AwsKeyManagementServiceImpl) ? kms.Handle : null;

        Exception INativeKms.Explain(int status, Exception error)
        {
            return kms.Explain(status, error);
        }

        /// <summary>Starts a service.</summary>
        /// <param name="regionToArnDictionary">The ARN of the key of each region, in the order in which they are asked
        /// after the preferred one.</param>
        /// <param name="region">The preferred region. One that is not in the dictionary has no effect.</param>
        /// <returns>The next step.</returns>
        /// <exception cref="ArgumentNullException">The dictionary is null.</exception>
        public static Builder NewBuilder(Dictionary<string, string> regionToArnDictionary, string region)
        {
            return new Builder(regionToArnDictionary, region);
        }

        /// <inheritdoc/>
        /// <exception cref="Exceptions.KmsException">No region has made a data key.</exception>
        public override byte[] EncryptKey(CryptoKey key)
        {
            long start = Timers.Begin();
            try
            {
                return kms.EncryptKey(key);
            }
            finally
            {
                Timers.End(TimerName, "encryptkey", start);
            }
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentNullException">The wrapped key is null.</exception>
        /// <exception cref="Exceptions.KmsException">No region can unwrap the key, or it is none that AWS KMS has
        /// wrapped.</exception>
        public override CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
        {
            long start = Timers.Begin();
            try
            {
                return kms.DecryptKey(keyCipherText, keyCreated, revoked);
            }
            finally
            {
                Timers.End(TimerName, "decryptkey", start);
            }
        }

        /// <summary>As <see cref="EncryptKey"/>, without waiting on this thread.</summary>
        /// <param name="key">The key, to keep until the task has ended.</param>
        /// <returns>The wrapped key.</returns>
        public override async Task<byte[]> EncryptKeyAsync(CryptoKey key)
        {
            long start = Timers.Begin();
            try
            {
                return await kms.EncryptKeyAsync(key).ConfigureAwait(false);
            }
            finally
            {
                Timers.End(TimerName, "encryptkey", start);
            }
        }

        /// <summary>As <see cref="DecryptKey"/>, without waiting on this thread.</summary>
        /// <param name="keyCipherText">The wrapped key.</param>
        /// <param name="keyCreated">When the key was created.</param>
        /// <param name="revoked">Whether the key is revoked.</param>
        /// <returns>The key, to dispose at the end.</returns>
        public override async Task<CryptoKey> DecryptKeyAsync(
            byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
        {
            long start = Timers.Begin();
            try
            {
                return await kms.DecryptKeyAsync(keyCipherText, keyCreated, revoked).ConfigureAwait(false);
            }
            finally
            {
                Timers.End(TimerName, "decryptkey", start);
            }
        }

        private static AwsKmsSettings NewSettings(Dictionary<string, string> regionToArn, string preferredRegion)
        {
            // The sort is stable.
            return new AwsKmsSettings(
                regionToArn
                    .OrderBy(r => r.Key == preferredRegion ? 0 : 1)
                    .Select(r => new AwsRegionKey(r.Key, r.Value)),
                requireAllRegions: false);
        }

        private static AwsKms OnClients(
            AwsKmsSettings settings,
            AeadEnvelopeCrypto crypto,
            AwsKmsClientFactory factory,
            AWSCredentials credentials,
            ILogger logger)
        {
            var log = new AwsKmsLog(logger);
            var clients = new ManagedAwsKms(
                settings, region => factory.CreateAwsKmsClient(region, credentials), crypto, AwsKmsFailure.Legacy, log);
            return new AwsKms(clients, AwsKmsFailure.Legacy);
        }

        /// <summary>Collects what a service is made of.</summary>
        public sealed class Builder : IBuildStep
        {
            private readonly Dictionary<string, string> regionToArn;
            private readonly string preferredRegion;
            private AWSCredentials credentials;
            private ILogger logger;

            /// <summary>Starts a service.</summary>
            /// <param name="regionToArnDictionary">The ARN of the key of each region.</param>
            /// <param name="region">The preferred region.</param>
            /// <exception cref="ArgumentNullException">The dictionary is null.</exception>
            public Builder(Dictionary<string, string> regionToArnDictionary, string region)
            {
                // The parameter's name is the one that callers of canonical Asherah see.
                regionToArn = regionToArnDictionary ?? throw new ArgumentNullException("source");
                preferredRegion = region;
            }

            /// <inheritdoc/>
            public IBuildStep WithCredentials(AWSCredentials credentials)
            {
                this.credentials = credentials;
                return this;
            }

            /// <inheritdoc/>
            public IBuildStep WithLogger(ILogger logger)
            {
                this.logger = logger;
                return this;
            }

            /// <inheritdoc/>
            public AwsKeyManagementServiceImpl Build()
            {
                AwsKmsSettings settings = NewSettings(regionToArn, preferredRegion);
                if (credentials == null || AwsKmsSettings.AreConstant(credentials))
                {
                    NativeKms native = settings.OpenNative(credentials);
                    if (native != null)
                    {
                        return new AwsKeyManagementServiceImpl(
                            new AwsKms(native, settings, AwsKmsFailure.Legacy));
                    }
                }

                return new AwsKeyManagementServiceImpl(OnClients(
                    settings, new BouncyAes256GcmCrypto(), new AwsKmsClientFactory(), credentials, logger));
            }
        }
    }
}
