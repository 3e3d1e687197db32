#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux
{
    public static class LinuxOpenSSL11LP64
    {
        public static bool IsAvailable() { throw null; }
        public static int CRYPTO_secure_malloc_done() { throw null; }
        public static int CRYPTO_secure_malloc_init(ulong size, int minsize) { throw null; }
        public static int CRYPTO_secure_malloc_initialized() { throw null; }
        public static nint CRYPTO_secure_malloc(ulong num, string file = "", int line = 0) { throw null; }
        public static nint CRYPTO_secure_zalloc(ulong num, string file = "", int line = 0) { throw null; }
        public static ulong CRYPTO_secure_used() { throw null; }
        public static void CRYPTO_secure_clear_free(nint ptr, ulong num, string file = "", int line = 0) { throw null; }
        public static void CRYPTO_secure_free(nint ptr, string file = "", int line = 0) { throw null; }
    }
}
