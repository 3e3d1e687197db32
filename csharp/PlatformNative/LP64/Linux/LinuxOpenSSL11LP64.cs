using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux
{
    /// <summary>
    /// The secure heap of OpenSSL 1.1 on Linux, under the names of its functions. Without that version of the library
    /// they throw <see cref="DllNotFoundException"/>.
    /// </summary>
    public static unsafe partial class LinuxOpenSSL11LP64
    {
        /// <summary>Says whether OpenSSL 1.1 is installed.</summary>
        /// <returns>True if it is.</returns>
        public static bool IsAvailable()
        {
            try
            {
                CRYPTO_secure_malloc_initialized();
                return true;
            }
            catch (DllNotFoundException)
            {
                return false;
            }
        }

        /// <summary>Makes the secure heap, unless there is one. Sizes are rounded up to powers of two.</summary>
        /// <param name="size">Bytes of the heap.</param>
        /// <param name="minsize">Bytes of the smallest allocation.</param>
        /// <returns>0 on failure, 1, or 2 where the heap could not be protected.</returns>
        public static int CRYPTO_secure_malloc_init(ulong size, int minsize)
        {
            if (CRYPTO_secure_malloc_initialized() == 1)
            {
                return 1;
            }

            return Imports.CRYPTO_secure_malloc_init(RoundUp(size), (int)RoundUp((ulong)minsize));
        }

        /// <summary>Says whether there is a secure heap.</summary>
        /// <returns>1 if there is, else 0.</returns>
        public static int CRYPTO_secure_malloc_initialized()
        {
            return Imports.CRYPTO_secure_malloc_initialized();
        }

        /// <summary>Frees the secure heap, if nothing is left in it.</summary>
        /// <returns>1, or 0 if something is.</returns>
        public static int CRYPTO_secure_malloc_done()
        {
            return Imports.CRYPTO_secure_malloc_done();
        }

        /// <summary>Allocates on the secure heap.</summary>
        /// <param name="num">How many bytes.</param>
        /// <param name="file">The source file of the caller.</param>
        /// <param name="line">The line in it.</param>
        /// <returns>The address; zero on failure.</returns>
        public static IntPtr CRYPTO_secure_malloc(
            ulong num, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        {
            fixed (byte* text = NullTerminated.Utf8(file))
            {
                return Imports.CRYPTO_secure_malloc(num, text, line);
            }
        }

        /// <summary>Allocates on the secure heap what begins zeroed.</summary>
        /// <param name="num">How many bytes.</param>
        /// <param name="file">The source file of the caller.</param>
        /// <param name="line">The line in it.</param>
        /// <returns>The address; zero on failure.</returns>
        public static IntPtr CRYPTO_secure_zalloc(
            ulong num, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        {
            fixed (byte* text = NullTerminated.Utf8(file))
            {
                return Imports.CRYPTO_secure_zalloc(num, text, line);
            }
        }

        /// <summary>Wipes and frees what was allocated on the secure heap.</summary>
        /// <param name="ptr">The address.</param>
        /// <param name="file">The source file of the caller.</param>
        /// <param name="line">The line in it.</param>
        public static void CRYPTO_secure_free(
            IntPtr ptr, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        {
            fixed (byte* text = NullTerminated.Utf8(file))
            {
                Imports.CRYPTO_secure_free(ptr, text, line);
            }
        }

        /// <summary>Wipes and frees what was allocated on the secure heap.</summary>
        /// <param name="ptr">The address.</param>
        /// <param name="num">How many bytes.</param>
        /// <param name="file">The source file of the caller.</param>
        /// <param name="line">The line in it.</param>
        public static void CRYPTO_secure_clear_free(
            IntPtr ptr, ulong num, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        {
            fixed (byte* text = NullTerminated.Utf8(file))
            {
                Imports.CRYPTO_secure_clear_free(ptr, num, text, line);
            }
        }

        /// <summary>Returns how much of the secure heap is in use.</summary>
        /// <returns>Bytes.</returns>
        public static ulong CRYPTO_secure_used()
        {
            return Imports.CRYPTO_secure_used();
        }

        private static ulong RoundUp(ulong size)
        {
            ulong power = 1;
            while (power < size && power << 1 != 0)
            {
                power <<= 1;
            }

            return power;
        }

        private static partial class Imports
        {
#if NET8_0_OR_GREATER
            [LibraryImport(OpenSSLCrypto.LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(OpenSSLCrypto.LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int CRYPTO_secure_malloc_init(ulong size, int minsize);

#if NET8_0_OR_GREATER
            [LibraryImport(OpenSSLCrypto.LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(OpenSSLCrypto.LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int CRYPTO_secure_malloc_initialized();

#if NET8_0_OR_GREATER
            [LibraryImport(OpenSSLCrypto.LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(OpenSSLCrypto.LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int CRYPTO_secure_malloc_done();

#if NET8_0_OR_GREATER
            [LibraryImport(OpenSSLCrypto.LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(OpenSSLCrypto.LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            IntPtr CRYPTO_secure_malloc(ulong num, byte* file, int line);

#if NET8_0_OR_GREATER
            [LibraryImport(OpenSSLCrypto.LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(OpenSSLCrypto.LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            IntPtr CRYPTO_secure_zalloc(ulong num, byte* file, int line);

#if NET8_0_OR_GREATER
            [LibraryImport(OpenSSLCrypto.LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(OpenSSLCrypto.LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            void CRYPTO_secure_free(IntPtr ptr, byte* file, int line);

#if NET8_0_OR_GREATER
            [LibraryImport(OpenSSLCrypto.LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(OpenSSLCrypto.LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            void CRYPTO_secure_clear_free(IntPtr ptr, ulong num, byte* file, int line);

#if NET8_0_OR_GREATER
            [LibraryImport(OpenSSLCrypto.LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(OpenSSLCrypto.LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            ulong CRYPTO_secure_used();
        }
    }
}
