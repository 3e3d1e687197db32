#if NET8_0_OR_GREATER
using System;
using System.Security.Cryptography;

namespace GoDaddy.Asherah.Crypto.Engine
{
    /// <summary>The cipher of the runtime, which wipes its copy of the key when it is disposed of.</summary>
    internal sealed class SystemAes256Gcm : Aes256Gcm
    {
        internal static readonly SystemAes256Gcm Instance = new SystemAes256Gcm();

        private SystemAes256Gcm()
        {
        }

        /// <summary>Gets a value indicating whether the runtime has it on this system.</summary>
        internal static bool IsSupported => AesGcm.IsSupported;

        protected override void Seal(byte[] key, byte[] nonce, byte[] plaintext, byte[] output)
        {
            using var cipher = new AesGcm(key, TagSize);
            cipher.Encrypt(
                nonce, plaintext, output.AsSpan(0, plaintext.Length), output.AsSpan(plaintext.Length, TagSize));
        }

        protected override void Open(byte[] key, byte[] nonce, byte[] input, byte[] output)
        {
            using var cipher = new AesGcm(key, TagSize);
            try
            {
                cipher.Decrypt(nonce, input.AsSpan(0, output.Length), input.AsSpan(output.Length, TagSize), output);
            }
            catch (CryptographicException e)
            {
                CryptographicOperations.ZeroMemory(output);
                throw NotAuthentic(e);
            }
        }
    }
}
#endif
