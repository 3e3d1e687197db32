using System;

namespace GoDaddy.Asherah.Crypto.Exceptions
{
    /// <summary>A cipher is not known here.</summary>
    public class CipherNotSupportedException : Exception
    {
        /// <summary>Makes an exception with a message.</summary>
        /// <param name="message">Which cipher.</param>
        public CipherNotSupportedException(string message)
            : base(message)
        {
        }

        /// <summary>Makes an exception with a message and the failure behind it.</summary>
        /// <param name="message">Which cipher.</param>
        /// <param name="inner">The failure behind it.</param>
        public CipherNotSupportedException(string message, Exception inner)
            : base(message, inner)
        {
        }
    }
}
