using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.LP64.Libc
{
    /// <summary>
    /// Functions of the C library of 64-bit Unix systems, under their own names. They set the last error of the thread,
    /// which <see cref="Marshal.GetLastWin32Error"/> returns. On other systems they throw
    /// <see cref="DllNotFoundException"/>.
    /// </summary>
    public static unsafe partial class LibcLP64
    {
        /// <summary>Maps pages.</summary>
        /// <param name="start">Where; zero leaves the choice to the system.</param>
        /// <param name="length">How many bytes.</param>
        /// <param name="prot">The protection of the pages.</param>
        /// <param name="flags">What is mapped.</param>
        /// <param name="fd">The file; -1 for none.</param>
        /// <param name="offset">Where in the file.</param>
        /// <returns>The address; -1 on failure.</returns>
        public static IntPtr mmap(IntPtr start, ulong length, int prot, int flags, int fd, long offset)
        {
            return Imports.mmap(start, length, prot, flags, fd, offset);
        }

        /// <summary>Gives pages back.</summary>
        /// <param name="start">The address.</param>
        /// <param name="length">How many bytes.</param>
        /// <returns>0, or -1 on failure.</returns>
        public static int munmap(IntPtr start, ulong length)
        {
            return Imports.munmap(start, length);
        }

        /// <summary>Sets the protection of pages.</summary>
        /// <param name="start">The address.</param>
        /// <param name="len">How many bytes.</param>
        /// <param name="prots">The protection.</param>
        /// <returns>0, or -1 on failure.</returns>
        public static int mprotect(IntPtr start, ulong len, int prots)
        {
            return Imports.mprotect(start, len, prots);
        }

        /// <summary>Says how pages are used.</summary>
        /// <param name="addr">The address.</param>
        /// <param name="length">How many bytes.</param>
        /// <param name="advice">The advice.</param>
        /// <returns>0, or -1 on failure.</returns>
        public static int madvise(IntPtr addr, ulong length, int advice)
        {
            return Imports.madvise(addr, length, advice);
        }

        /// <summary>Keeps pages in memory.</summary>
        /// <param name="start">The address.</param>
        /// <param name="len">How many bytes.</param>
        /// <returns>0, or -1 on failure.</returns>
        public static int mlock(IntPtr start, ulong len)
        {
            return Imports.mlock(start, len);
        }

        /// <summary>Lets pages be written out again.</summary>
        /// <param name="start">The address.</param>
        /// <param name="len">How many bytes.</param>
        /// <returns>0, or -1 on failure.</returns>
        public static int munlock(IntPtr start, ulong len)
        {
            return Imports.munlock(start, len);
        }

        /// <summary>Reads the limit of a resource.</summary>
        /// <param name="resource">The resource.</param>
        /// <param name="rlim">Receives the limit.</param>
        /// <returns>0, or -1 on failure.</returns>
        public static int getrlimit(int resource, out rlimit rlim)
        {
            rlimit limit = default;
            int result = Imports.getrlimit(resource, &limit);
            rlim = limit;
            return result;
        }

        /// <summary>Sets the limit of a resource.</summary>
        /// <param name="resource">The resource.</param>
        /// <param name="rlp">The limit.</param>
        /// <returns>0, or -1 on failure.</returns>
        public static int setrlimit(int resource, rlimit rlp)
        {
            return Imports.setrlimit(resource, &rlp);
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
            IntPtr mmap(IntPtr start, ulong length, int prot, int flags, int fd, long offset);

#if NET8_0_OR_GREATER
            [LibraryImport("libc", SetLastError = true)]
            internal static partial
#else
            [DllImport("libc", ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int munmap(IntPtr start, ulong length);

#if NET8_0_OR_GREATER
            [LibraryImport("libc", SetLastError = true)]
            internal static partial
#else
            [DllImport("libc", ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int mprotect(IntPtr start, ulong len, int prots);

#if NET8_0_OR_GREATER
            [LibraryImport("libc", SetLastError = true)]
            internal static partial
#else
            [DllImport("libc", ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int madvise(IntPtr addr, ulong length, int advice);

#if NET8_0_OR_GREATER
            [LibraryImport("libc", SetLastError = true)]
            internal static partial
#else
            [DllImport("libc", ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int mlock(IntPtr start, ulong len);

#if NET8_0_OR_GREATER
            [LibraryImport("libc", SetLastError = true)]
            internal static partial
#else
            [DllImport("libc", ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int munlock(IntPtr start, ulong len);

#if NET8_0_OR_GREATER
            [LibraryImport("libc", SetLastError = true)]
            internal static partial
#else
            [DllImport("libc", ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int getrlimit(int resource, rlimit* rlim);

#if NET8_0_OR_GREATER
            [LibraryImport("libc", SetLastError = true)]
            internal static partial
#else
            [DllImport("libc", ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int setrlimit(int resource, rlimit* rlp);
        }
    }
}
