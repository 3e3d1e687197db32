using System;
using GoDaddy.Asherah.SecureMemory.Libc;

namespace GoDaddy.Asherah.SecureMemory.ProtectedMemoryImpl.Windows
{
    /// <summary>A function of Windows failed.</summary>
    public class WindowsOperationFailedException : LibcOperationFailedException
    {
        /// <summary>Makes an exception for a result.</summary>
        /// <param name="methodName">The function.</param>
        /// <param name="result">What it returned.</param>
        public WindowsOperationFailedException(string methodName, long result)
            : base(methodName, result)
        {
        }

        /// <summary>Makes an exception for a result that came up while another exception was handled.</summary>
        /// <param name="methodName">The function.</param>
        /// <param name="result">What it returned.</param>
        /// <param name="exceptionInProgress">The other exception.</param>
        public WindowsOperationFailedException(string methodName, long result, Exception exceptionInProgress)
            : base(methodName, result, exceptionInProgress)
        {
        }

        /// <summary>Makes an exception for a result and the error behind it.</summary>
        /// <param name="methodName">The function.</param>
        /// <param name="result">What it returned.</param>
        /// <param name="errno">The number of the error.</param>
        public WindowsOperationFailedException(string methodName, long result, int errno)
            : base(methodName, result, errno)
        {
        }

        /// <summary>Makes an exception for a result.</summary>
        /// <param name="methodName">The function.</param>
        /// <param name="result">What it returned.</param>
        /// <param name="optionalSuffix">What ends the message, or null.</param>
        protected WindowsOperationFailedException(string methodName, long result, object optionalSuffix)
            : base(methodName, result, optionalSuffix)
        {
        }
    }
}
