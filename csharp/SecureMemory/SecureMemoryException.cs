using System;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>Locked memory cannot be used as asked.</summary>
    public class SecureMemoryException : SystemException
    {
        /// <summary>Makes an exception with a message.</summary>
        /// <param name="message">What failed; never holds a secret.</param>
        public SecureMemoryException(string message)
            : base(message)
        {
        }

        /// <summary>Makes an exception with a message and the failure behind it.</summary>
        /// <param name="message">What failed; never holds a secret.</param>
        /// <param name="innerException">The failure behind it.</param>
        public SecureMemoryException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }
}
