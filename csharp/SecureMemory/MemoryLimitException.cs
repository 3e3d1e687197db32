using System;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>A secret is longer than 16 MiB, or more memory would be locked than the process may lock.</summary>
    public class MemoryLimitException : SystemException
    {
        /// <summary>Makes an exception with a message.</summary>
        /// <param name="message">Which limit; never holds a secret.</param>
        public MemoryLimitException(string message)
            : base(message)
        {
        }
    }
}
