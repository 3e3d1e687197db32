using System;
using GoDaddy.Asherah.Crypto.Keys;
using GoDaddy.Asherah.PlatformNative.Interop;
using GoDaddy.Asherah.SecureMemory;

namespace GoDaddy.Asherah.Crypto
{
    /// <summary>
    /// A cipher that authenticates what it encrypts, and the keys for it. What it encrypts ends with the nonce. Safe to
    /// use from any thread.
    /// </summary>
    public abstract class AeadCrypto : IDisposable
    {
        private const int BitsPerByte = 8;

        private readonly NonceGenerator nonces = new NonceGenerator();
        private readonly TransientSecretFactory secrets = new TransientSecretFactory();

        /// <summary>Makes the base of a cipher, whose keys are kept in locked memory.</summary>
        /// <exception cref="DllNotFoundException">The native library is missing and managed code is not
        /// chosen.</exception>
        protected AeadCrypto()
        {
        }

        /// <summary>Encrypts.</summary>
        /// <param name="input">What is encrypted; it may be empty.</param>
        /// <param name="key">The key.</param>
        /// <returns>The encrypted bytes, with everything but the key that is needed to decrypt them.</returns>
        public abstract byte[] Encrypt(byte[] input, CryptoKey key);

        /// <summary>Decrypts.</summary>
        /// <param name="input">What <see cref="Encrypt"/> returned.</param>
        /// <param name="key">The key.</param>
        /// <returns>What was encrypted.</returns>
        public abstract byte[] Decrypt(byte[] input, CryptoKey key);

        /// <summary>Makes a random key that is created now.</summary>
        /// <returns>The key, to be disposed of by the caller.</returns>
        public virtual CryptoKey GenerateKey()
        {
            return GenerateRandomCryptoKey();
        }

        /// <summary>Makes a random key.</summary>
        /// <param name="created">When it counts as created.</param>
        /// <returns>The key, to be disposed of by the caller.</returns>
        public virtual CryptoKey GenerateKey(DateTimeOffset created)
        {
            return GenerateRandomCryptoKey(created);
        }

        /// <summary>Makes a key of bytes that is created now.</summary>
        /// <param name="sourceBytes">The bytes. They are copied; wiping them is the caller's.</param>
        /// <returns>The key, to be disposed of by the caller.</returns>
        public virtual CryptoKey GenerateKeyFromBytes(byte[] sourceBytes)
        {
            return GenerateKeyFromBytes(sourceBytes, DateTimeOffset.UtcNow);
        }

        /// <summary>Makes a key of bytes.</summary>
        /// <param name="sourceBytes">The bytes. They are copied; wiping them is the caller's.</param>
        /// <param name="created">When it counts as created.</param>
        /// <returns>The key, to be disposed of by the caller.</returns>
        public virtual CryptoKey GenerateKeyFromBytes(byte[] sourceBytes, DateTimeOffset created)
        {
            return GenerateKeyFromBytes(sourceBytes, created, false);
        }

        /// <summary>Makes a key of bytes.</summary>
        /// <param name="sourceBytes">The bytes. They are copied; wiping them is the caller's.</param>
        /// <param name="created">When it counts as created.</param>
        /// <param name="revoked">True if it is revoked.</param>
        /// <returns>The key, to be disposed of by the caller.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="sourceBytes"/> is null.</exception>
        /// <exception cref="ArgumentException">There are no bytes.</exception>
        public virtual unsafe CryptoKey GenerateKeyFromBytes(byte[] sourceBytes, DateTimeOffset created, bool revoked)
        {
            if (sourceBytes == null)
            {
                throw new ArgumentNullException(nameof(sourceBytes));
            }

            // The factory wipes what it is given, if it succeeds; a factory of the user's perhaps not. Pinned before
            // the key is in it: the garbage collector leaves copies behind of what it moves.
            var bytes = new byte[sourceBytes.Length];
            fixed (byte* pinned = bytes)
            {
                try
                {
                    Buffer.BlockCopy(sourceBytes, 0, bytes, 0, bytes.Length);
                    return new SecretCryptoKey(GetSecretFactory().CreateSecret(bytes), created, revoked);
                }
                finally
                {
                    Memory.Wipe(pinned, bytes.Length);
                }
            }
        }

        /// <summary>Gives back what makes secrets. Keys stay usable. Does nothing the second time.</summary>
        public void Dispose()
        {
            secrets.Dispose();
            GC.SuppressFinalize(this);
        }

        /// <summary>Makes a random key that is created now.</summary>
        /// <returns>The key, to be disposed of by the caller.</returns>
        protected internal virtual CryptoKey GenerateRandomCryptoKey()
        {
            return GenerateRandomCryptoKey(DateTimeOffset.UtcNow);
        }

        /// <summary>Makes a random key.</summary>
        /// <param name="created">When it counts as created.</param>
        /// <returns>The key, to be disposed of by the caller.</returns>
        /// <exception cref="ArgumentException"><see cref="GetKeySizeBits"/> is not a multiple of 8.</exception>
        protected internal virtual unsafe CryptoKey GenerateRandomCryptoKey(DateTimeOffset created)
        {
            int bits = GetKeySizeBits();
            if (bits % BitsPerByte != 0)
            {
                throw new ArgumentException("Invalid key length: " + bits + " bits are not whole bytes.");
            }

            var bytes = new byte[bits / BitsPerByte];
            fixed (byte* pinned = bytes)
            {
                try
                {
                    RandomBytes.Fill(bytes);
                    return GenerateKeyFromBytes(bytes, created);
                }
                finally
                {
                    Memory.Wipe(pinned, bytes.Length);
                }
            }
        }

        /// <summary>Returns the length of a key.</summary>
        /// <returns>Bits: a multiple of 8.</returns>
        protected internal abstract int GetKeySizeBits();

        /// <summary>Returns what makes the secrets of keys.</summary>
        /// <returns>The factory.</returns>
        protected internal virtual ISecretFactory GetSecretFactory()
        {
            return secrets;
        }

        /// <summary>Writes a nonce at the end of encrypted bytes.</summary>
        /// <param name="cipherText">The encrypted bytes, with room at the end.</param>
        /// <param name="nonce">The nonce.</param>
        protected static void AppendNonce(byte[] cipherText, byte[] nonce)
        {
            Array.Copy(nonce, 0, cipherText, cipherText.Length - nonce.Length, nonce.Length);
        }

        /// <summary>Returns the length of a nonce.</summary>
        /// <returns>Bits: a multiple of 8.</returns>
        protected abstract int GetNonceSizeBits();

        /// <summary>Returns the length of what authenticates encrypted bytes.</summary>
        /// <returns>Bits.</returns>
        protected abstract int GetMacSizeBits();

        /// <summary>Reads the nonce at the end of encrypted bytes.</summary>
        /// <param name="cipherTextAndNonce">The encrypted bytes.</param>
        /// <returns>The nonce.</returns>
        /// <exception cref="ArgumentException">There are fewer bytes than a nonce has.</exception>
        protected byte[] GetAppendedNonce(byte[] cipherTextAndNonce)
        {
            var nonce = new byte[GetNonceSizeBits() / BitsPerByte];
            Array.Copy(cipherTextAndNonce, cipherTextAndNonce.Length - nonce.Length, nonce, 0, nonce.Length);
            return nonce;
        }

        /// <summary>Makes a random nonce.</summary>
        /// <returns>The nonce.</returns>
        protected byte[] GenerateNonce()
        {
            return nonces.CreateNonce(GetNonceSizeBits());
        }
    }
}
