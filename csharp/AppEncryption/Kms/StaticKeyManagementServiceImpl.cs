using System;
using System.Threading;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Keys;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    /// <summary>
    /// Wraps system keys with a key that the application has, by AES-256-GCM. Safe for use by many threads at once.
    /// Who has the key and the metastore has all data: for tests, or where the key comes from a vault.
    /// </summary>
    public class StaticKeyManagementServiceImpl : KeyManagementService, INativeKms, IDisposable
    {
        // One of the two engines.
        private readonly NativeKms native;
        private readonly BouncyAes256GcmCrypto crypto;
        private readonly CryptoKey masterKey;
        private int disposed;

        /// <summary>Makes one; loads the native library unless the managed engine is chosen.</summary>
        /// <param name="key">The key: exactly 32 bytes as UTF-8. The text stays the caller's.</param>
        /// <exception cref="ArgumentNullException">It is null.</exception>
        /// <exception cref="ArgumentException">It is not 32 bytes as UTF-8.</exception>
        /// <exception cref="DllNotFoundException">The native library is missing or does not load.</exception>
        public StaticKeyManagementServiceImpl(string key)
        {
            RequireKey(key, nameof(key));
            using (KeyBytes bytes = KeyBytes.OfText(key))
            {
                if (EngineChoice.IsManaged())
                {
                    crypto = new BouncyAes256GcmCrypto();
                    masterKey = crypto.GenerateKeyFromBytes(bytes.Bytes);
                }
                else
                {
                    native = OpenNative(bytes.Bytes);
                }
            }
        }

        // What derives from this class is asked through its members, which may be overridden.
        SafeKmsHandle INativeKms.NativeHandle =>
            GetType() == typeof(StaticKeyManagementServiceImpl) ? native?.Handle : null;

        Exception INativeKms.Explain(int status, Exception error)
        {
            return error;
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentNullException">The key is null.</exception>
        /// <exception cref="ObjectDisposedException">The service or the key is disposed.</exception>
        public override byte[] EncryptKey(CryptoKey key)
        {
            if (key == null)
            {
                throw new ArgumentNullException(nameof(key));
            }

            RequireOpen();
            return native == null ? crypto.EncryptKey(key, masterKey) : native.EncryptKey(key, null);
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentNullException">The wrapped key is null.</exception>
        /// <exception cref="ObjectDisposedException">The service is disposed.</exception>
        /// <exception cref="Crypto.Exceptions.AppEncryptionException">The wrapped key is damaged, or another key has
        /// wrapped it.</exception>
        public override CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
        {
            if (keyCipherText == null)
            {
                throw new ArgumentNullException(nameof(keyCipherText));
            }

            RequireOpen();
            return native == null
                ? crypto.DecryptKey(keyCipherText, keyCreated, masterKey, revoked)
                : native.DecryptKey(keyCipherText, keyCreated, revoked, null);
        }

        /// <summary>Wipes the key. Session factories that were made with this service go on working.</summary>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Refuses what is no static key.</summary>
        internal static void RequireKey(string key, string paramName)
        {
            if (key == null)
            {
                throw new ArgumentNullException(paramName);
            }

            int size = Utf8.GetByteCount(key, 0, key.Length, paramName);
            if (size != KeyBytes.Size)
            {
                throw new ArgumentException(
                    "The static master key must be " + KeyBytes.Size + " bytes as UTF-8; it is " + size + ".",
                    paramName);
            }
        }

        /// <summary>Disposes.</summary>
        /// <param name="disposing">True unless called by a finaliser.</param>
        protected virtual void Dispose(bool disposing)
        {
            if (disposing && Interlocked.Exchange(ref disposed, 1) == 0)
            {
                native?.Dispose();
                masterKey?.Dispose();
                crypto?.Dispose();
            }
        }

        private static unsafe NativeKms OpenNative(byte[] key)
        {
            NativeLoader.EnsureLoaded();
            using (var json = new SecretBuffer(256))
            {
                json.AddAscii("{\"StrictConfig\":true,\"KMS\":\"static\",\"StaticMasterKeyHex\":\"");
                const string Digits = "0123456789abcdef";
                foreach (byte b in key)
                {
                    json.Add((byte)Digits[b >> 4]);
                    json.Add((byte)Digits[b & 15]);
                }

                json.AddAscii("\"}");
                json.Add(0);
                return NativeKms.Open(json);
            }
        }

        private void RequireOpen()
        {
            if (Volatile.Read(ref disposed) != 0)
            {
                throw new ObjectDisposedException(nameof(StaticKeyManagementServiceImpl));
            }
        }
    }
}
