using System;
using GoDaddy.Asherah.Crypto.Envelope;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;
using GoDaddy.Asherah.PlatformNative.Interop;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace GoDaddy.Asherah.Crypto.Engine.BouncyCastle
{
    /// <summary>
    /// A cipher of BouncyCastle's interface. BouncyCastle makes copies of the key that nobody can wipe, in the
    /// parameters and in the cipher; <see cref="BouncyAes256GcmCrypto"/> keeps its name but does not go through it.
    /// </summary>
    public abstract class BouncyAeadCrypto : AeadEnvelopeCrypto
    {
        /// <summary>Makes the base of a cipher.</summary>
        protected BouncyAeadCrypto()
        {
        }

        /// <summary>Gets what encrypts in place of BouncyCastle's interface, or null.</summary>
        private protected virtual Aes256Gcm BuiltIn => null;

        /// <inheritdoc/>
        /// <exception cref="ArgumentNullException">A parameter is null.</exception>
        /// <exception cref="AppEncryptionException">The cipher failed.</exception>
        public override byte[] Encrypt(byte[] input, CryptoKey key)
        {
            Require(input, key);
            byte[] nonce = GenerateNonce();
            Aes256Gcm builtIn = BuiltIn;
            if (builtIn != null)
            {
                return key.WithKey(bytes => builtIn.Encrypt(bytes, nonce, input));
            }

            IAeadBlockCipher cipher = GetNewAeadBlockCipherInstance();
            cipher.Init(true, GetParameters(key, nonce));
            var output = new byte[cipher.GetOutputSize(input.Length) + nonce.Length];
            int position = cipher.ProcessBytes(input, 0, input.Length, output, 0);
            try
            {
                cipher.DoFinal(output, position);
            }
            catch (Exception e)
            {
                throw new AppEncryptionException("unexpected error during encrypt cipher finalization", e);
            }

            AppendNonce(output, nonce);
            return output;
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentNullException">A parameter is null.</exception>
        /// <exception cref="AppEncryptionException">The bytes were altered, or encrypted with another key.</exception>
        public override byte[] Decrypt(byte[] input, CryptoKey key)
        {
            Require(input, key);
            Aes256Gcm builtIn = BuiltIn;
            if (builtIn != null)
            {
                return key.WithKey(bytes => builtIn.Decrypt(bytes, input));
            }

            if (input.Length < (GetNonceSizeBits() + GetMacSizeBits()) / 8)
            {
                throw new AppEncryptionException("The encrypted bytes are too short.");
            }

            byte[] nonce = GetAppendedNonce(input);
            IAeadBlockCipher cipher = GetNewAeadBlockCipherInstance();
            cipher.Init(false, GetParameters(key, nonce));
            int length = input.Length - nonce.Length;
            var output = new byte[cipher.GetOutputSize(length)];
            int position = cipher.ProcessBytes(input, 0, length, output, 0);
            try
            {
                position += cipher.DoFinal(output, position);
            }
            catch (Exception e)
            {
                // It may have written what turned out not to be authentic.
                Memory.Wipe(output);
                throw new AppEncryptionException("unexpected error during decrypt cipher finalization", e);
            }

            if (position != output.Length)
            {
                Memory.Wipe(output);
                throw new AppEncryptionException("unexpected error during decrypt cipher finalization");
            }

            return output;
        }

        /// <summary>Makes a cipher for one encryption or decryption.</summary>
        /// <returns>The cipher.</returns>
        protected abstract IAeadBlockCipher GetNewAeadBlockCipherInstance();

        /// <summary>Makes the parameters of the cipher.</summary>
        /// <param name="key">The key.</param>
        /// <param name="nonce">The nonce.</param>
        /// <returns>The parameters.</returns>
        protected abstract AeadParameters GetParameters(CryptoKey key, byte[] nonce);

        private static void Require(byte[] input, CryptoKey key)
        {
            if (input == null)
            {
                throw new ArgumentNullException(nameof(input));
            }

            if (key == null)
            {
                throw new ArgumentNullException(nameof(key));
            }
        }
    }
}
