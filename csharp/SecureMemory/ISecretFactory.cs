using System;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>Makes secrets. Safe to use from any thread.</summary>
    public interface ISecretFactory : IDisposable
    {
        /// <summary>Moves bytes into a secret: once they are there, the array is wiped.</summary>
        /// <param name="secretData">The bytes, 1 to 16 MiB.</param>
        /// <returns>The secret, to be disposed of by the caller.</returns>
        Secret CreateSecret(byte[] secretData);

        /// <summary>Copies a text into a secret as UTF-8. The array is left as it is: wiping it is the
        /// caller's.</summary>
        /// <param name="secretData">The text, 1 byte to 16 MiB as UTF-8.</param>
        /// <returns>The secret, to be disposed of by the caller.</returns>
        Secret CreateSecret(char[] secretData);
    }
}
