using System;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.Crypto.BufferUtils
{
    /// <summary>Wiping of arrays.</summary>
    public static class ManagedBufferUtils
    {
        /// <summary>Overwrites an array with zeros, in a way that the compiler does not remove.</summary>
        /// <param name="sensitiveData">The array.</param>
        /// <exception cref="ArgumentNullException">It is null.</exception>
        public static void WipeByteArray(byte[] sensitiveData)
        {
            if (sensitiveData == null)
            {
                throw new ArgumentNullException(nameof(sensitiveData));
            }

            Memory.Wipe(sensitiveData);
        }
    }
}
