using System;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.Crypto.Engine
{
    /// <summary>AES-256-GCM in the layout of Asherah: ciphertext, tag, nonce. Safe to use from any thread.</summary>
    internal abstract class Aes256Gcm
    {
        internal const int KeySize = 32;
        internal const int NonceSize = 12;
        internal const int TagSize = 16;

        /// <summary>
        /// Returns the cipher of the runtime, where it has one; that of the native library, unless managed code is
        /// chosen; else null.
        /// </summary>
        internal static Aes256Gcm Choose()
        {
#if NET8_0_OR_GREATER
            if (SystemAes256Gcm.IsSupported)
            {
                return SystemAes256Gcm.Instance;
            }

#endif
            return ManagedEngine.IsChosen() ? null : NativeAes256Gcm.Instance;
        }

        /// <summary>Encrypts under a nonce that has never been used with the key.</summary>
        /// <exception cref="ArgumentException">The key has another length.</exception>
        internal byte[] Encrypt(byte[] key, byte[] nonce, byte[] plaintext)
        {
            RequireLength(key);
            byte[] output = Memory.NewArray(checked(plaintext.Length + TagSize + NonceSize));
            Seal(key, nonce, plaintext, output);
            Buffer.BlockCopy(nonce, 0, output, output.Length - NonceSize, NonceSize);
            return output;
        }

        /// <summary>Decrypts.</summary>
        /// <exception cref="ArgumentException">The key has another length.</exception>
        /// <exception cref="AppEncryptionException">The bytes were altered, or encrypted with another key.</exception>
        internal byte[] Decrypt(byte[] key, byte[] input)
        {
            RequireLength(key);
            if (input.Length < TagSize + NonceSize)
            {
                throw new AppEncryptionException("The encrypted bytes are too short.");
            }

            var nonce = new byte[NonceSize];
            Buffer.BlockCopy(input, input.Length - NonceSize, nonce, 0, NonceSize);
            byte[] output = NewPlaintext(input.Length - TagSize - NonceSize);
            Open(key, nonce, input, output);
            return output;
        }

        /// <summary>Writes ciphertext and tag to the beginning of output.</summary>
        protected abstract void Seal(byte[] key, byte[] nonce, byte[] plaintext, byte[] output);

        /// <summary>Decrypts ciphertext and tag at the beginning of input into output, which has their length without
        /// the tag. Nothing is in output after a failure.</summary>
        protected abstract void Open(byte[] key, byte[] nonce, byte[] input, byte[] output);

        /// <summary>Returns the exception for what does not authenticate.</summary>
        protected static AppEncryptionException NotAuthentic(Exception cause)
        {
            return new AppEncryptionException("unexpected error during decrypt cipher finalization", cause);
        }

        // What is as long as a key may be one: the garbage collector must not move it and leave a copy behind.
        private static byte[] NewPlaintext(int length)
        {
#if NET8_0_OR_GREATER
            if (length == KeySize)
            {
                return GC.AllocateUninitializedArray<byte>(length, pinned: true);
            }

#endif
            return Memory.NewArray(length);
        }

        private static void RequireLength(byte[] key)
        {
            if (key.Length != KeySize)
            {
                throw new ArgumentException(
                    "AES-256-GCM takes a key of " + KeySize + " bytes, not " + key.Length + ".");
            }
        }
    }
}
