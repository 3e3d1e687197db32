using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS
{
    /// <summary>
    /// Functions of the C library of macOS, under their own names. On other systems they throw
    /// <see cref="DllNotFoundException"/> or <see cref="EntryPointNotFoundException"/>.
    /// </summary>
    public static partial class MacOSLibcLP64
    {
        /// <summary>Overwrites memory in a way that is never optimised away.</summary>
        /// <param name="dest">The address.</param>
        /// <param name="destSize">How many bytes there are.</param>
        /// <param name="val">The byte to write.</param>
        /// <param name="count">How many bytes are written.</param>
        /// <returns>0, or an error number.</returns>
        public static int memset_s(IntPtr dest, ulong destSize, int val, ulong count)
        {
            return Imports.memset_s(dest, destSize, val, count);
        }

        private static partial class Imports
        {
#if NET8_0_OR_GREATER
            [LibraryImport("libc", SetLastError = true)]
            internal static partial
#else
            [DllImport("libc", ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int memset_s(IntPtr dest, ulong destSize, int val, ulong count);
        }
    }
}
