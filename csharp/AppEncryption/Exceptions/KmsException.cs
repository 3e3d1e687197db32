using System;
using GoDaddy.Asherah.Crypto.Exceptions;

namespace GoDaddy.Asherah.AppEncryption.Exceptions
{
    /// <summary>The key management service could not be asked, or answered with an error.</summary>
    public class KmsException : AppEncryptionException
    {
        /// <summary>Makes an exception with a message.</summary>
        /// <param name="message">What failed; never holds a secret.</param>
        public KmsException(string message)
            : base(message)
        {
        }

        internal KmsException(string message, Exception cause)
            : base(message, cause)
        {
        }
    }
}
