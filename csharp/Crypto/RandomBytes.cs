using System.Security.Cryptography;

namespace GoDaddy.Asherah.Crypto
{
    /// <summary>Random bytes of the system.</summary>
    internal static class RandomBytes
    {
#if !NET8_0_OR_GREATER
        private static readonly RandomNumberGenerator Generator = RandomNumberGenerator.Create();
#endif

        /// <summary>Fills an array.</summary>
        internal static void Fill(byte[] bytes)
        {
#if NET8_0_OR_GREATER
            RandomNumberGenerator.Fill(bytes);
#else
            Generator.GetBytes(bytes);
#endif
        }
    }
}
