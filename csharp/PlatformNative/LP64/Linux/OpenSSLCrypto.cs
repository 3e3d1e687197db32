using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux
{
    /// <summary>
    /// Functions of OpenSSL 1.1 on Linux, under their own names. Without that version of the library they throw
    /// <see cref="DllNotFoundException"/>.
    /// </summary>
    public static unsafe partial class OpenSSLCrypto
    {
        /// <summary>The library that the functions are called in.</summary>
        public const string LibraryName = "libcrypto.so.1.1";

        /// <summary>The longest block in bytes.</summary>
        public const int EVP_MAX_BLOCK_LENGTH = 32;

        /// <summary>The longest key in bytes.</summary>
        public const int EVP_MAX_KEY_LENGTH = 64;

        /// <summary>The longest initialisation vector in bytes.</summary>
        public const int EVP_MAX_IV_LENGTH = 16;

        /// <summary>Finds a cipher.</summary>
        /// <param name="name">Its name, such as aes-256-gcm.</param>
        /// <returns>The cipher; zero where there is none.</returns>
        public static IntPtr EVP_get_cipherbyname(string name)
        {
            fixed (byte* text = NullTerminated.Utf8(name))
            {
                return Imports.EVP_get_cipherbyname(text);
            }
        }

        /// <summary>Returns the block size of a cipher.</summary>
        /// <param name="e">The cipher.</param>
        /// <returns>Bytes; <see cref="EVP_MAX_BLOCK_LENGTH"/> for stream ciphers, which have none.</returns>
        public static int EVP_CIPHER_block_size(IntPtr e)
        {
            int size = Imports.EVP_CIPHER_block_size(e);
            return size == 1 ? EVP_MAX_BLOCK_LENGTH : size;
        }

        /// <summary>Returns the key length of a cipher.</summary>
        /// <param name="e">The cipher.</param>
        /// <returns>Bytes.</returns>
        public static int EVP_CIPHER_key_length(IntPtr e)
        {
            return Imports.EVP_CIPHER_key_length(e);
        }

        /// <summary>Returns the length of the initialisation vector of a cipher.</summary>
        /// <param name="e">The cipher.</param>
        /// <returns>Bytes.</returns>
        public static int EVP_CIPHER_iv_length(IntPtr e)
        {
            return Imports.EVP_CIPHER_iv_length(e);
        }

        /// <summary>Makes a context.</summary>
        /// <returns>The context; zero on failure.</returns>
        public static IntPtr EVP_CIPHER_CTX_new()
        {
            return Imports.EVP_CIPHER_CTX_new();
        }

        /// <summary>Frees a context.</summary>
        /// <param name="ctx">The context.</param>
        public static void EVP_CIPHER_CTX_free(IntPtr ctx)
        {
            Imports.EVP_CIPHER_CTX_free(ctx);
        }

        /// <summary>Prepares a context to encrypt.</summary>
        /// <param name="ctx">The context.</param>
        /// <param name="type">The cipher.</param>
        /// <param name="impl">The engine; zero for none.</param>
        /// <param name="key">The key.</param>
        /// <param name="iv">The initialisation vector.</param>
        /// <returns>1, or 0 on failure.</returns>
        public static int EVP_EncryptInit_ex(IntPtr ctx, IntPtr type, IntPtr impl, IntPtr key, IntPtr iv)
        {
            return Imports.EVP_EncryptInit_ex(ctx, type, impl, key, iv);
        }

        /// <summary>Encrypts a piece.</summary>
        /// <param name="ctx">The context.</param>
        /// <param name="outPtr">Where to.</param>
        /// <param name="outLength">Receives how many bytes were written.</param>
        /// <param name="inPtr">Where from.</param>
        /// <param name="inLength">How many bytes.</param>
        /// <returns>1, or 0 on failure.</returns>
        public static int EVP_EncryptUpdate(IntPtr ctx, IntPtr outPtr, out int outLength, IntPtr inPtr, int inLength)
        {
            int length;
            int result = Imports.EVP_EncryptUpdate(ctx, outPtr, &length, inPtr, inLength);
            outLength = length;
            return result;
        }

        /// <summary>Ends an encryption.</summary>
        /// <param name="ctx">The context.</param>
        /// <param name="outPtr">Where to.</param>
        /// <param name="outLength">Receives how many bytes were written.</param>
        /// <returns>1, or 0 on failure.</returns>
        public static int EVP_EncryptFinal_ex(IntPtr ctx, IntPtr outPtr, out int outLength)
        {
            int length;
            int result = Imports.EVP_EncryptFinal_ex(ctx, outPtr, &length);
            outLength = length;
            return result;
        }

        /// <summary>Prepares a context to decrypt.</summary>
        /// <param name="ctx">The context.</param>
        /// <param name="type">The cipher.</param>
        /// <param name="impl">The engine; zero for none.</param>
        /// <param name="key">The key.</param>
        /// <param name="iv">The initialisation vector.</param>
        /// <returns>1, or 0 on failure.</returns>
        public static int EVP_DecryptInit_ex(IntPtr ctx, IntPtr type, IntPtr impl, IntPtr key, IntPtr iv)
        {
            return Imports.EVP_DecryptInit_ex(ctx, type, impl, key, iv);
        }

        /// <summary>Decrypts a piece.</summary>
        /// <param name="ctx">The context.</param>
        /// <param name="outptr">Where to.</param>
        /// <param name="outlength">Receives how many bytes were written.</param>
        /// <param name="inptr">Where from.</param>
        /// <param name="inlength">How many bytes.</param>
        /// <returns>1, or 0 on failure.</returns>
        public static int EVP_DecryptUpdate(IntPtr ctx, IntPtr outptr, out int outlength, IntPtr inptr, int inlength)
        {
            int length;
            int result = Imports.EVP_DecryptUpdate(ctx, outptr, &length, inptr, inlength);
            outlength = length;
            return result;
        }

        /// <summary>Ends a decryption.</summary>
        /// <param name="ctx">The context.</param>
        /// <param name="outPtr">Where to.</param>
        /// <param name="outLength">Receives how many bytes were written.</param>
        /// <returns>1, or 0 on failure.</returns>
        public static int EVP_DecryptFinal_ex(IntPtr ctx, IntPtr outPtr, out int outLength)
        {
            int length;
            int result = Imports.EVP_DecryptFinal_ex(ctx, outPtr, &length);
            outLength = length;
            return result;
        }

        /// <summary>Writes random bytes.</summary>
        /// <param name="buf">Where to.</param>
        /// <param name="num">How many.</param>
        /// <returns>1, or 0 on failure.</returns>
        public static int RAND_bytes(IntPtr buf, int num)
        {
            return Imports.RAND_bytes(buf, num);
        }

        private static partial class Imports
        {
#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            IntPtr EVP_get_cipherbyname(byte* name);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int EVP_CIPHER_block_size(IntPtr e);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int EVP_CIPHER_key_length(IntPtr e);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int EVP_CIPHER_iv_length(IntPtr e);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            IntPtr EVP_CIPHER_CTX_new();

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            void EVP_CIPHER_CTX_free(IntPtr ctx);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int EVP_EncryptInit_ex(IntPtr ctx, IntPtr type, IntPtr impl, IntPtr key, IntPtr iv);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int EVP_EncryptUpdate(IntPtr ctx, IntPtr outPtr, int* outLength, IntPtr inPtr, int inLength);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int EVP_EncryptFinal_ex(IntPtr ctx, IntPtr outPtr, int* outLength);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int EVP_DecryptInit_ex(IntPtr ctx, IntPtr type, IntPtr impl, IntPtr key, IntPtr iv);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int EVP_DecryptUpdate(IntPtr ctx, IntPtr outptr, int* outlength, IntPtr inptr, int inlength);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int EVP_DecryptFinal_ex(IntPtr ctx, IntPtr outPtr, int* outLength);

#if NET8_0_OR_GREATER
            [LibraryImport(LibraryName, SetLastError = true)]
            internal static partial
#else
            [DllImport(LibraryName, ExactSpelling = true, SetLastError = true)]
            internal static extern
#endif
            int RAND_bytes(IntPtr buf, int num);
        }
    }
}
