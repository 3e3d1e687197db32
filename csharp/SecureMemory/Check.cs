using System;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.SecureMemory.Libc;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>Turns results of functions of the operating system into exceptions.</summary>
    public static class Check
    {
        /// <summary>What mmap() returns on failure.</summary>
        public static readonly IntPtr InvalidPointer = new IntPtr(-1);

        /// <summary>Refuses an address that is zero or <see cref="InvalidPointer"/>.</summary>
        /// <param name="intPointer">The address.</param>
        /// <param name="methodName">The function that returned it.</param>
        /// <exception cref="LibcOperationFailedException">The address is none.</exception>
        public static void IntPointer(IntPtr intPointer, string methodName)
        {
            if (intPointer == IntPtr.Zero || intPointer == InvalidPointer)
            {
                throw new LibcOperationFailedException(
                    methodName, intPointer.ToInt64(), Marshal.GetLastWin32Error());
            }
        }

        /// <summary>Refuses a result that is not the expected one.</summary>
        /// <param name="result">The result.</param>
        /// <param name="expected">The expected one.</param>
        /// <param name="methodName">The function that returned it.</param>
        /// <exception cref="LibcOperationFailedException">They differ.</exception>
        public static void Result(int result, int expected, string methodName)
        {
            if (result != expected)
            {
                throw new LibcOperationFailedException(methodName, result, Marshal.GetLastWin32Error());
            }
        }

        /// <summary>Refuses a result that is not zero.</summary>
        /// <param name="result">The result.</param>
        /// <param name="methodName">The function that returned it.</param>
        /// <exception cref="LibcOperationFailedException">It is not zero.</exception>
        public static void Zero(int result, string methodName)
        {
            Result(result, 0, methodName);
        }

        /// <summary>Refuses a result that is not zero while another exception is handled.</summary>
        /// <param name="result">The result.</param>
        /// <param name="methodName">The function that returned it.</param>
        /// <param name="exceptionInProgress">The other exception.</param>
        /// <exception cref="LibcOperationFailedException">It is not zero.</exception>
        public static void Zero(int result, string methodName, Exception exceptionInProgress)
        {
            if (result != 0)
            {
                throw new LibcOperationFailedException(methodName, result, exceptionInProgress);
            }
        }
    }
}
