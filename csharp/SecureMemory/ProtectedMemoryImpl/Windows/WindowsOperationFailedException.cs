#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory.ProtectedMemoryImpl.Windows
{
    public class WindowsOperationFailedException : GoDaddy.Asherah.SecureMemory.Libc.LibcOperationFailedException
    {
        protected WindowsOperationFailedException(string methodName, long result, object optionalSuffix) : base(default(string), default(long), default(object)) { throw null; }
        public WindowsOperationFailedException(string methodName, long result) : base(default(string), default(long), default(object)) { throw null; }
        public WindowsOperationFailedException(string methodName, long result, System.Exception exceptionInProgress) : base(default(string), default(long), default(object)) { throw null; }
        public WindowsOperationFailedException(string methodName, long result, int errno) : base(default(string), default(long), default(object)) { throw null; }
    }
}
