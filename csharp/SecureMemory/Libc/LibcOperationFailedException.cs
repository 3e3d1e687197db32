#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory.Libc
{
    public class LibcOperationFailedException : System.SystemException
    {
        protected LibcOperationFailedException(string methodName, long result, object optionalSuffix) { throw null; }
        public LibcOperationFailedException(string methodName, long result) { throw null; }
        public LibcOperationFailedException(string methodName, long result, System.Exception exceptionInProgress) { throw null; }
        public LibcOperationFailedException(string methodName, long result, int errno) { throw null; }
    }
}
