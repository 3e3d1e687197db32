using System;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>There is no memory for a secret.</summary>
    public class SecureMemoryAllocationFailedException : SecureMemoryException
    {
        /// <summary>Makes an exception with a message.</summary>
        /// <param name="message">What failed; never holds a secret.</param>
        public SecureMemoryAllocationFailedException(string message)
            : base(message)
        {
        }

        /// <summary>Makes an exception with a message and the failure behind it.</summary>
        /// <param name="message">What failed; never holds a secret.</param>
        /// <param name="innerException">The failure behind it.</param>
        public SecureMemoryAllocationFailedException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }
}
