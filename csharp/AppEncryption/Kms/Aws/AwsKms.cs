using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.Crypto.Keys;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Kms.Aws
{
    /// <summary>A key management service on AWS KMS, of the native library or of managed clients.</summary>
    internal sealed class AwsKms : IDisposable
    {
        private readonly NativeKms native;
        private readonly ManagedAwsKms managed;
        private readonly AwsKmsSettings settings;
        private readonly AwsKmsFailure failure;

        internal AwsKms(NativeKms native, AwsKmsSettings settings, AwsKmsFailure failure)
        {
            this.native = native;
            this.settings = settings;
            this.failure = failure;
        }

        internal AwsKms(ManagedAwsKms managed, AwsKmsFailure failure)
        {
            this.managed = managed;
            this.failure = failure;
        }

        /// <summary>Gets the native handle; null if managed clients do the work.</summary>
        internal SafeKmsHandle Handle => native?.Handle;

        public void Dispose()
        {
            native?.Dispose();
        }

        /// <summary>Makes the exception of a session's call that failed.</summary>
        internal Exception Explain(int status, Exception error)
        {
            return failure.OfSession(status, error, settings);
        }

        /// <summary>Wraps a key.</summary>
        internal byte[] EncryptKey(CryptoKey key)
        {
            RequireKey(key);
            return managed == null
                ? native.EncryptKey(key, (status, error) => failure.OfEncrypt(status, error, settings))
                : managed.EncryptKeyAsync(key).GetAwaiter().GetResult();
        }

        /// <summary>Unwraps a key.</summary>
        internal CryptoKey DecryptKey(byte[] wrapped, DateTimeOffset created, bool revoked)
        {
            RequireWrapped(wrapped);
            return managed == null
                ? native.DecryptKey(wrapped, created, revoked, failure.OfDecrypt)
                : managed.DecryptKeyAsync(wrapped, created, revoked).GetAwaiter().GetResult();
        }

        /// <summary>As <see cref="EncryptKey"/>.</summary>
        internal async Task<byte[]> EncryptKeyAsync(CryptoKey key)
        {
            if (managed == null)
            {
                return await Task.Run(() => EncryptKey(key)).ConfigureAwait(false);
            }

            RequireKey(key);
            return await managed.EncryptKeyAsync(key).ConfigureAwait(false);
        }

        /// <summary>As <see cref="DecryptKey"/>.</summary>
        internal async Task<CryptoKey> DecryptKeyAsync(byte[] wrapped, DateTimeOffset created, bool revoked)
        {
            if (managed == null)
            {
                return await Task.Run(() => DecryptKey(wrapped, created, revoked)).ConfigureAwait(false);
            }

            RequireWrapped(wrapped);
            return await managed.DecryptKeyAsync(wrapped, created, revoked).ConfigureAwait(false);
        }

        private static void RequireWrapped(byte[] wrapped)
        {
            if (wrapped == null)
            {
                throw new ArgumentNullException("keyCipherText");
            }
        }

        // Canonical Asherah notices a missing key when it is to be sealed, as any other failure there.
        private void RequireKey(CryptoKey key)
        {
            if (key == null)
            {
                throw failure.Unexpected(new ArgumentNullException(nameof(key)));
            }
        }
    }
}
