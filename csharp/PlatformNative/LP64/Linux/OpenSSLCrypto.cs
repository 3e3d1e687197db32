#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux
{
    public static class OpenSSLCrypto
    {
        public const int EVP_MAX_BLOCK_LENGTH = 32;
        public const int EVP_MAX_IV_LENGTH = 16;
        public const int EVP_MAX_KEY_LENGTH = 64;
        public const string LibraryName = "libcrypto.so.1.1";
        public static int EVP_CIPHER_block_size(nint e) { throw null; }
        public static int EVP_CIPHER_iv_length(nint e) { throw null; }
        public static int EVP_CIPHER_key_length(nint e) { throw null; }
        public static int EVP_DecryptFinal_ex(nint ctx, nint outPtr, out int outLength) { outLength = default(int); throw null; }
        public static int EVP_DecryptInit_ex(nint ctx, nint type, nint impl, nint key, nint iv) { throw null; }
        public static int EVP_DecryptUpdate(nint ctx, nint outptr, out int outlength, nint inptr, int inlength) { outlength = default(int); throw null; }
        public static int EVP_EncryptFinal_ex(nint ctx, nint outPtr, out int outLength) { outLength = default(int); throw null; }
        public static int EVP_EncryptInit_ex(nint ctx, nint type, nint impl, nint key, nint iv) { throw null; }
        public static int EVP_EncryptUpdate(nint ctx, nint outPtr, out int outLength, nint inPtr, int inLength) { outLength = default(int); throw null; }
        public static int RAND_bytes(nint buf, int num) { throw null; }
        public static nint EVP_CIPHER_CTX_new() { throw null; }
        public static nint EVP_get_cipherbyname(string name) { throw null; }
        public static void EVP_CIPHER_CTX_free(nint ctx) { throw null; }
    }
}
