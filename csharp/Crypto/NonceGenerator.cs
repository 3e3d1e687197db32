using System;

namespace GoDaddy.Asherah.Crypto
{
    /// <summary>Makes nonces of random bytes. Safe to use from any thread.</summary>
    public class NonceGenerator
    {
        /// <summary>Makes a nonce.</summary>
        /// <param name="bits">How many bits: a multiple of 8.</param>
        /// <returns>The nonce.</returns>
        /// <exception cref="ArgumentException">The number is not a multiple of 8, or negative.</exception>
        public byte[] CreateNonce(int bits)
        {
            if (bits % 8 != 0 || bits < 0)
            {
                throw new ArgumentException("Bits parameter must be a multiple of 8", nameof(bits));
            }

            var nonce = new byte[bits / 8];
            RandomBytes.Fill(nonce);
            return nonce;
        }
    }
}
