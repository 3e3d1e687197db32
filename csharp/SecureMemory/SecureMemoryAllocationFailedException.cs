#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory
{
    public class SecureMemoryAllocationFailedException : GoDaddy.Asherah.SecureMemory.SecureMemoryException
    {
        public SecureMemoryAllocationFailedException(string message) : base(default(string)) { throw null; }
        public SecureMemoryAllocationFailedException(string message, System.Exception innerException) : base(default(string)) { throw null; }
    }
}
