using System;
using System.Globalization;

namespace GoDaddy.Asherah.SecureMemory.Libc
{
    /// <summary>A function of the operating system failed.</summary>
    public class LibcOperationFailedException : SystemException
    {
        /// <summary>Makes an exception for a result.</summary>
        /// <param name="methodName">The function.</param>
        /// <param name="result">What it returned.</param>
        public LibcOperationFailedException(string methodName, long result)
            : this(methodName, result, (object)null)
        {
        }

        /// <summary>Makes an exception for a result that came up while another exception was handled.</summary>
        /// <param name="methodName">The function.</param>
        /// <param name="result">What it returned.</param>
        /// <param name="exceptionInProgress">The other exception.</param>
        public LibcOperationFailedException(string methodName, long result, Exception exceptionInProgress)
            : this(methodName, result, (object)exceptionInProgress)
        {
        }

        /// <summary>Makes an exception for a result and the error behind it.</summary>
        /// <param name="methodName">The function.</param>
        /// <param name="result">What it returned.</param>
        /// <param name="errno">The number of the error.</param>
        public LibcOperationFailedException(string methodName, long result, int errno)
            : this(methodName, result, (object)errno)
        {
        }

        /// <summary>Makes an exception for a result.</summary>
        /// <param name="methodName">The function.</param>
        /// <param name="result">What it returned.</param>
        /// <param name="optionalSuffix">What ends the message, or null.</param>
        protected LibcOperationFailedException(string methodName, long result, object optionalSuffix)
            : base(Describe(methodName, result, optionalSuffix), optionalSuffix as Exception)
        {
        }

        private static string Describe(string methodName, long result, object suffix)
        {
            return string.Format(
                CultureInfo.InvariantCulture, "Libc call {0} failed with result {1} {2}", methodName, result, suffix);
        }
    }
}
