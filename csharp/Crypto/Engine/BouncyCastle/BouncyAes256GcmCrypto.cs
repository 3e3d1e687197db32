using System;
using GoDaddy.Asherah.Crypto.Keys;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace GoDaddy.Asherah.Crypto.Engine.BouncyCastle
{
    /// <summary>
    /// AES-256-GCM: the ciphertext, a tag of 16 bytes, a nonce of 12. Encrypts with the cipher of the runtime where
    /// there is one (.NET 8 and later), else with that of the native library. A class derived from this one whose
    /// protected members differ encrypts through BouncyCastle as they say, and so does netstandard2.0 where managed
    /// code is chosen.
    /// </summary>
    public class BouncyAes256GcmCrypto : BouncyAeadCrypto
    {
        private readonly Aes256Gcm builtIn;

        /// <summary>Makes the cipher.</summary>
        /// <exception cref="DllNotFoundException">The native library is missing and managed code is not
        /// chosen.</exception>
        public BouncyAes256GcmCrypto()
        {
            bool asDeclaredHere = IsDeclaredHere((Func<IAeadBlockCipher>)GetNewAeadBlockCipherInstance) &&
                IsDeclaredHere((Func<CryptoKey, byte[], AeadParameters>)GetParameters) &&
                IsDeclaredHere((Func<int>)GetNonceSizeBits) &&
                IsDeclaredHere((Func<int>)GetMacSizeBits) &&
                IsDeclaredHere((Func<int>)GetKeySizeBits);
            builtIn = asDeclaredHere ? Aes256Gcm.Choose() : null;
        }

        /// <inheritdoc/>
        private protected override Aes256Gcm BuiltIn => builtIn;

        /// <inheritdoc/>
        protected internal override int GetKeySizeBits()
        {
            return Aes256Gcm.KeySize * 8;
        }

        /// <inheritdoc/>
        protected override IAeadBlockCipher GetNewAeadBlockCipherInstance()
        {
            return new GcmBlockCipher(new AesEngine());
        }

        /// <inheritdoc/>
        protected override AeadParameters GetParameters(CryptoKey key, byte[] nonce)
        {
            return key.WithKey(bytes => new AeadParameters(new KeyParameter(bytes), GetMacSizeBits(), nonce));
        }

        /// <inheritdoc/>
        protected override int GetNonceSizeBits()
        {
            return Aes256Gcm.NonceSize * 8;
        }

        /// <inheritdoc/>
        protected override int GetMacSizeBits()
        {
            return Aes256Gcm.TagSize * 8;
        }

        // A delegate of a virtual method names the override that it calls.
        private static bool IsDeclaredHere(Delegate member)
        {
            return member.Method.DeclaringType == typeof(BouncyAes256GcmCrypto);
        }
    }
}
