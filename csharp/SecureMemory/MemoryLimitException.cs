#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory
{
    public class MemoryLimitException : System.SystemException
    {
        public MemoryLimitException(string message) { throw null; }
    }
}
