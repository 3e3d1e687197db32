using System;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.Crypto.Keys;
using GoDaddy.Asherah.PlatformNative.Interop;
using GoDaddy.Asherah.SecureMemory;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    /// <summary>A key management service of the native library. Safe for use by many threads at once.</summary>
    internal sealed unsafe class NativeKms : IDisposable
    {
        private static readonly TransientSecretFactory Secrets = new TransientSecretFactory();

        private NativeKms(SafeKmsHandle handle)
        {
            Handle = handle;
        }

        /// <summary>Makes the exception of a failed call.</summary>
        /// <param name="status">Its status.</param>
        /// <param name="error">The usual exception for this.</param>
        internal delegate Exception Explanation(int status, Exception error);

        /// <summary>Gets the handle.</summary>
        internal SafeKmsHandle Handle { get; }

        public void Dispose()
        {
            Handle.Dispose();
        }

        /// <summary>Makes one of a NUL-terminated configuration; the library is loaded.</summary>
        /// <exception cref="ArgumentException">The library refuses the configuration.</exception>
        internal static NativeKms Open(SecretBuffer configuration)
        {
            SafeKmsHandle handle = Native.asherah_kms_new(configuration.Data);
            if (handle.IsInvalid)
            {
                throw NativeError.FromLastError();
            }

            return new NativeKms(handle);
        }

        /// <summary>Wraps a key.</summary>
        internal byte[] EncryptKey(CryptoKey key, Explanation explain)
        {
            long created = key.GetCreated().ToUnixTimeSeconds();
            int revoked = key.IsRevoked() ? 1 : 0;
            return key.WithKey(bytes =>
            {
                Native.AsherahBuffer wrapped = default;
                fixed (byte* start = bytes)
                {
                    Check(
                        Native.asherah_kms_encrypt_key(
                            Handle, start, (UIntPtr)bytes.Length, created, revoked, &wrapped),
                        explain);
                }

                return Take(&wrapped);
            });
        }

        /// <summary>Unwraps a key.</summary>
        internal CryptoKey DecryptKey(byte[] wrapped, DateTimeOffset created, bool revoked, Explanation explain)
        {
            Native.AsherahBuffer key = default;
            fixed (byte* start = wrapped)
            {
                Check(
                    Native.asherah_kms_decrypt_key(
                        Handle, start, (UIntPtr)wrapped.Length, created.ToUnixTimeSeconds(), revoked ? 1 : 0, &key),
                    explain);
            }

            try
            {
                using (KeyBytes bytes = KeyBytes.Copy(key.Data, (ulong)key.Len))
                {
                    return new SecretCryptoKey(Secrets.CreateSecret(bytes.Bytes), created, revoked);
                }
            }
            finally
            {
                Native.asherah_buffer_free(&key);
            }
        }

        private static void Check(int status, Explanation explain)
        {
            if (status != Status.Ok)
            {
                Exception error = NativeError.FromStatus(status);
                throw explain == null ? error : explain(status, error);
            }
        }

        private static byte[] Take(Native.AsherahBuffer* buffer)
        {
            try
            {
                return new ReadOnlySpan<byte>(buffer->Data, (int)buffer->Len).ToArray();
            }
            finally
            {
                Native.asherah_buffer_free(buffer);
            }
        }
    }
}
