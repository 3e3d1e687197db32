#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory
{
    public class SecureMemoryException : System.SystemException
    {
        public SecureMemoryException(string message) { throw null; }
        public SecureMemoryException(string message, System.Exception innerException) { throw null; }
    }
}
