using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux
{
    /// <summary>
    /// Functions of the C library of 64-bit Linux, under their own names. On other systems they throw
    /// <see cref="DllNotFoundException"/> or <see cref="EntryPointNotFoundException"/>.
    /// </summary>
    public static partial class LinuxLibcLP64
    {
        /// <summary>Overwrites memory with zeros.</summary>
        /// <param name="start">The address.</param>
        /// <param name="len">How many bytes.</param>
        public static void bzero(IntPtr start, ulong len)
        {
            Imports.bzero(start, len);
        }

        /// <summary>Copies memory that does not overlap.</summary>
        /// <param name="dest">Where to.</param>
        /// <param name="src">Where from.</param>
        /// <param name="len">How many bytes.</param>
        /// <returns>Where to.</returns>
        public static IntPtr memcpy(IntPtr dest, IntPtr src, ulong len)
        {
            return Imports.memcpy(dest, src, len);
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
            void bzero(IntPtr start, ulong len);

#if NET8_0_OR_GREATER
            [LibraryImport("libc", SetLastError = true)]
            internal static partial
#else
            [DllImport("libc", ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            IntPtr memcpy(IntPtr dest, IntPtr src, ulong len);
        }
    }
}
