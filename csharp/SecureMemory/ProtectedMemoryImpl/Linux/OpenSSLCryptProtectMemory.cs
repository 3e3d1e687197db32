using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GoDaddy.Asherah.PlatformNative.Interop;
using GoDaddy.Asherah.SecureMemory.Locked;

namespace GoDaddy.Asherah.SecureMemory.ProtectedMemoryImpl.Linux
{
    /// <summary>
    /// Encrypts memory in place under a key that lives as long as the object, with the cipher of the native library.
    /// The name is that of canonical Asherah. Safe to use from any thread, one at a time for the same memory.
    /// </summary>
    public class OpenSSLCryptProtectMemory : IDisposable
    {
        private const int KeySize = 32;
        private const int NonceSize = 12;
        private const int TagSize = 16;
        private const int BlockSize = 16;

        private readonly object gate = new object();
        private readonly Dictionary<IntPtr, long> nonces = new Dictionary<IntPtr, long>();
        private readonly Secret key;
        private long lastNonce;
        private bool disposed;

        internal OpenSSLCryptProtectMemory()
        {
            var bytes = new byte[KeySize];
            using (RandomNumberGenerator random = RandomNumberGenerator.Create())
            {
                random.GetBytes(bytes);
            }

            NativeLoader.EnsureLoaded();
            key = SecureMemorySecret.Move(bytes, NativeLockedMemory.Instance, new SecretSettings(null));
        }

        /// <summary>Lets go of what was not disposed of. The key frees itself.</summary>
        ~OpenSSLCryptProtectMemory()
        {
            Dispose(disposing: false);
        }

        /// <summary>Encrypts memory in place. It stays so until <see cref="CryptUnprotectMemory"/>.</summary>
        /// <param name="memory">The address.</param>
        /// <param name="length">How many bytes.</param>
        /// <exception cref="SecureMemoryException">The object has been disposed of, or the memory is
        /// encrypted.</exception>
        public void CryptProtectMemory(IntPtr memory, int length)
        {
            lock (gate)
            {
                RequireOpen(nameof(CryptProtectMemory));
                if (nonces.ContainsKey(memory))
                {
                    throw new SecureMemoryException("The memory is encrypted.");
                }

                // Each encryption has a number of its own: two under the same one would give both texts away.
                Apply(memory, length, ++lastNonce);
                nonces.Add(memory, lastNonce);
            }
        }

        /// <summary>Decrypts memory in place.</summary>
        /// <param name="memory">The address, as it was encrypted.</param>
        /// <param name="length">How many bytes, as it was encrypted.</param>
        /// <exception cref="SecureMemoryException">The object has been disposed of, or the memory is not
        /// encrypted.</exception>
        public void CryptUnprotectMemory(IntPtr memory, int length)
        {
            lock (gate)
            {
                RequireOpen(nameof(CryptUnprotectMemory));
                if (!nonces.TryGetValue(memory, out long nonce))
                {
                    throw new SecureMemoryException("The memory is not encrypted.");
                }

                Apply(memory, length, nonce);
                nonces.Remove(memory);
            }
        }

        /// <summary>Returns the block size of the cipher.</summary>
        /// <returns>Bytes.</returns>
        public int GetBlockSize()
        {
            return BlockSize;
        }

        /// <summary>Wipes the key: what is encrypted stays so. Does nothing the second time.</summary>
        public void Dispose()
        {
            Dispose(disposing: true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Wipes the key.</summary>
        /// <param name="disposing">False in the finaliser.</param>
        protected virtual void Dispose(bool disposing)
        {
            if (disposing)
            {
                lock (gate)
                {
                    disposed = true;
                    key.Dispose();
                }
            }
        }

        private void RequireOpen(string method)
        {
            if (disposed)
            {
                throw new SecureMemoryException("Called " + method + " on disposed OpenSSLCryptProtectMemory object");
            }
        }

        // GCM encrypts as a stream does, so that encrypting twice under one nonce decrypts. The tag is not kept.
        private unsafe void Apply(IntPtr memory, int length, long number)
        {
            LockedMemory buffers = NativeLockedMemory.Instance;
            using (SafeHandle handle = buffers.Allocate(checked(length + TagSize), out byte* output))
            {
                byte* nonce = stackalloc byte[NonceSize];
                *(long*)nonce = number;
                *(int*)(nonce + sizeof(long)) = 0;
                key.WithSecretIntPtr((keyData, keyLength) =>
                {
                    UIntPtr written = UIntPtr.Zero;
                    int status = Native.asherah_aes_gcm_seal(
                        (byte*)keyData,
                        nonce,
                        (byte*)memory,
                        (UIntPtr)(uint)length,
                        output,
                        (UIntPtr)(uint)(length + TagSize),
                        &written);
                    if (status != Status.Ok)
                    {
                        throw new SecureMemoryException(Utf8.FromNative(Native.asherah_last_error_message()));
                    }
                });
                Buffer.MemoryCopy(output, (void*)memory, length, length);
            }
        }
    }
}
