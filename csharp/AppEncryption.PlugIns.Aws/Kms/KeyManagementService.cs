using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Kms.Aws;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Keys;
using GoDaddy.Asherah.PlatformNative.Interop;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    /// <summary>
    /// Wraps system keys with AWS KMS in one or more regions, one of which is enough to unwrap them. Every region has
    /// to wrap a new key. Safe for use by many threads at once.
    /// </summary>
    /// <remarks>
    /// With constant credentials and <see cref="KeyManagementClientFactory"/> the native library asks AWS; with other
    /// credentials, such as those that refresh, and with other factories, the clients of the AWS SDK for .NET.
    /// </remarks>
    public sealed class KeyManagementService : IKeyManagementService, INativeKms, IDisposable
    {
        private readonly BouncyAes256GcmCrypto crypto;
        private readonly AwsKms kms;
        private int disposed;

        /// <summary>Makes a service. Asks no server.</summary>
        /// <param name="kmsOptions">The regions, in the order in which they are asked; copied.</param>
        /// <param name="clientFactory">Makes the clients of the regions.</param>
        /// <param name="loggerFactory">Makes the logger, which is told what regions fail.</param>
        /// <exception cref="ArgumentNullException">One of them is null.</exception>
        /// <exception cref="ArgumentException">A region or a key is missing, or the native library refuses
        /// it.</exception>
        /// <exception cref="DllNotFoundException">The native library is missing or does not load.</exception>
        public KeyManagementService(
            KeyManagementServiceOptions kmsOptions,
            IKeyManagementClientFactory clientFactory,
            ILoggerFactory loggerFactory)
        {
            if (clientFactory == null)
            {
                throw new ArgumentNullException(nameof(clientFactory));
            }

            if (loggerFactory == null)
            {
                throw new ArgumentNullException(nameof(loggerFactory));
            }

            AwsKmsSettings settings = NewSettings(kmsOptions);
            var log = new KeyManagementServiceLog(loggerFactory.CreateLogger<KeyManagementService>());
            AWSCredentials credentials = clientFactory.GetType() == typeof(KeyManagementClientFactory)
                ? ((KeyManagementClientFactory)clientFactory).Credentials
                : null;
            NativeKms native = AwsKmsSettings.AreConstant(credentials) ? settings.OpenNative(credentials) : null;
            if (native != null)
            {
                kms = new AwsKms(native, settings, AwsKmsFailure.PlugIn);
                return;
            }

            crypto = new BouncyAes256GcmCrypto();
            kms = new AwsKms(
                new ManagedAwsKms(settings, clientFactory.CreateForRegion, crypto, AwsKmsFailure.PlugIn, log),
                AwsKmsFailure.PlugIn);
        }

        SafeKmsHandle INativeKms.NativeHandle => kms.Handle;

        Exception INativeKms.Explain(int status, Exception error)
        {
            return kms.Explain(status, error);
        }

        /// <summary>Starts a service.</summary>
        /// <returns>The builder.</returns>
        public static IKeyManagementServiceBuilder NewBuilder()
        {
            return new KeyManagementServiceBuilder();
        }

        /// <inheritdoc/>
        /// <exception cref="Exceptions.KmsException">The key is null, no region has made a data key, or a region could
        /// not wrap it.</exception>
        /// <exception cref="ObjectDisposedException">The service is disposed.</exception>
        public byte[] EncryptKey(CryptoKey key)
        {
            RequireOpen();
            return kms.EncryptKey(key);
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentNullException">The wrapped key is null.</exception>
        /// <exception cref="Exceptions.KmsException">No region can unwrap the key, or it is none that AWS KMS has
        /// wrapped.</exception>
        /// <exception cref="ObjectDisposedException">The service is disposed.</exception>
        public CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
        {
            RequireOpen();
            return kms.DecryptKey(keyCipherText, keyCreated, revoked);
        }

        /// <inheritdoc/>
        public async Task<byte[]> EncryptKeyAsync(CryptoKey key)
        {
            RequireOpen();
            return await kms.EncryptKeyAsync(key).ConfigureAwait(false);
        }

        /// <inheritdoc/>
        public async Task<CryptoKey> DecryptKeyAsync(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
        {
            RequireOpen();
            return await kms.DecryptKeyAsync(keyCipherText, keyCreated, revoked).ConfigureAwait(false);
        }

        /// <summary>Ends the service. Session factories on it go on working where the native library asks AWS; clients
        /// that a factory has made are not disposed.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) == 0)
            {
                kms.Dispose();
                crypto?.Dispose();
            }
        }

        private static AwsKmsSettings NewSettings(KeyManagementServiceOptions options)
        {
            if (options == null)
            {
                throw new ArgumentNullException("kmsOptions");
            }

            if (options.RegionKeyArns == null
                || options.RegionKeyArns.Any(r => string.IsNullOrEmpty(r?.Region) || string.IsNullOrEmpty(r.KeyArn)))
            {
                throw new ArgumentException("A region or the ARN of its key is null or empty.", "kmsOptions");
            }

            return new AwsKmsSettings(
                options.RegionKeyArns.Select(r => new AwsRegionKey(r.Region, r.KeyArn)), requireAllRegions: true);
        }

        private void RequireOpen()
        {
            if (Volatile.Read(ref disposed) != 0)
            {
                throw new ObjectDisposedException(nameof(KeyManagementService));
            }
        }
    }
}
