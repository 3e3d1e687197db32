using System;

namespace GoDaddy.Asherah.Crypto.Exceptions
{
    /// <summary>Encryption, decryption or the keys for them failed.</summary>
    public class AppEncryptionException : SystemException
    {
        /// <summary>Makes an exception with a message.</summary>
        /// <param name="message">What failed; never holds a secret.</param>
        public AppEncryptionException(string message)
            : base(message)
        {
        }

        /// <summary>Makes an exception with a message and the failure behind it.</summary>
        /// <param name="message">What failed; never holds a secret.</param>
        /// <param name="cause">The failure behind it.</param>
        public AppEncryptionException(string message, Exception cause)
            : base(message, cause)
        {
        }
    }
}
