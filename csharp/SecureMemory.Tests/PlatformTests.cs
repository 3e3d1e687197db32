using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GoDaddy.Asherah.PlatformNative.LLP64.Windows;
using GoDaddy.Asherah.PlatformNative.LP64.Libc;
using GoDaddy.Asherah.PlatformNative.LP64.Linux;
using GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums;
using GoDaddy.Asherah.PlatformNative.LP64.MacOS;

namespace GoDaddy.Asherah.SecureMemory.Tests
{
    /// <summary>The functions of PlatformNative, on Linux.</summary>
    public sealed unsafe class PlatformTests
    {
        [Fact]
        public void PagesAreMappedProtectedAndUnmapped()
        {
            ulong size = (ulong)Environment.SystemPageSize;
            const MmapProts ReadWrite = MmapProts.PROT_READ | MmapProts.PROT_WRITE;
            const MmapFlags Flags = MmapFlags.MAP_PRIVATE | MmapFlags.MAP_ANONYMOUS;
            IntPtr start = LibcLP64.mmap(IntPtr.Zero, size, (int)ReadWrite, (int)Flags, -1, 0);
            Check.IntPointer(start, "mmap");
            ((byte*)start)[1] = 7;
            Assert.Equal(0, LibcLP64.mlock(start, size));
            Assert.Equal(0, LibcLP64.madvise(start, size, (int)Madvice.MADV_DONTDUMP));
            Assert.Equal(0, LibcLP64.mprotect(start, size, (int)MmapProts.PROT_READ));
            Assert.Equal(7, ((byte*)start)[1]);
            Assert.Equal(0, LibcLP64.mprotect(start, size, (int)ReadWrite));
            LinuxLibcLP64.bzero(start, size);
            Assert.Equal(0, ((byte*)start)[1]);
            byte[] source = { 1, 2, 3 };
            fixed (byte* from = source)
            {
                Assert.Equal(start, LinuxLibcLP64.memcpy(start, (IntPtr)from, 3));
            }

            Assert.True(new Span<byte>((void*)start, 3).SequenceEqual(source));
            Assert.Equal(0, LibcLP64.munlock(start, size));
            Assert.Equal(0, LibcLP64.munmap(start, size));
            Assert.Equal(-1, LibcLP64.mlock(start, size));
            Assert.Equal(12, Marshal.GetLastWin32Error());
        }

        [Fact]
        public void LimitsAreReadAndSet()
        {
            const int Resource = (int)RlimitResource.RLIMIT_CORE;
            Assert.Equal(0, LibcLP64.getrlimit(Resource, out rlimit before));
            Assert.Equal(0, LibcLP64.setrlimit(Resource, new rlimit { rlim_max = before.rlim_max }));
            Assert.Equal(0, LibcLP64.getrlimit(Resource, out rlimit lowered));
            Assert.Equal(0ul, lowered.rlim_cur);
            Assert.Equal(before.rlim_max, lowered.rlim_max);
            Assert.Equal(0, LibcLP64.setrlimit(Resource, before));
            Assert.Equal(-1, LibcLP64.getrlimit(-1, out _));
            Assert.Equal(rlimit.Zero(), default);
        }

        [Fact]
        public void FunctionsOfOtherSystemsAreMissing()
        {
            Assert.Throws<DllNotFoundException>(() => WindowsInterop.GetCurrentProcess());
            Assert.Throws<DllNotFoundException>(() => WindowsInterop.CryptProtectMemory(IntPtr.Zero, 0, 0));
            Assert.Throws<EntryPointNotFoundException>(() => MacOSLibcLP64.memset_s(IntPtr.Zero, 0, 0, 0));
        }

        [Fact]
        public void OpenSslEncryptsAsTheRuntimeDoes()
        {
            byte[] buffer = new byte[256];
            fixed (byte* p = buffer)
            {
                IntPtr key = (IntPtr)p;
                IntPtr iv = (IntPtr)(p + 32);
                IntPtr plain = (IntPtr)(p + 64);
                IntPtr cipher = (IntPtr)(p + 128);
                IntPtr opened = (IntPtr)(p + 192);
                Assert.Equal(1, OpenSSLCrypto.RAND_bytes(key, 128));
                Assert.Contains(buffer.Take(128), b => b != 0);
                IntPtr type = OpenSSLCrypto.EVP_get_cipherbyname("aes-256-gcm");
                Assert.NotEqual(IntPtr.Zero, type);
                Assert.Equal(IntPtr.Zero, OpenSSLCrypto.EVP_get_cipherbyname("no-such-cipher"));
                IntPtr context = OpenSSLCrypto.EVP_CIPHER_CTX_new();
                Assert.Equal(1, OpenSSLCrypto.EVP_EncryptInit_ex(context, type, IntPtr.Zero, key, iv));
                Assert.Equal(1, OpenSSLCrypto.EVP_EncryptUpdate(context, cipher, out int length, plain, 50));
                Assert.Equal(50, length);
                Assert.Equal(1, OpenSSLCrypto.EVP_EncryptFinal_ex(context, cipher + 50, out length));
                Assert.Equal(0, length);
                Assert.Equal(1, OpenSSLCrypto.EVP_DecryptInit_ex(context, type, IntPtr.Zero, key, iv));
                Assert.Equal(1, OpenSSLCrypto.EVP_DecryptUpdate(context, opened, out length, cipher, 50));
                Assert.Equal(50, length);

                // Without the tag that it was never given.
                Assert.NotEqual(1, OpenSSLCrypto.EVP_DecryptFinal_ex(context, opened + 50, out length));
                OpenSSLCrypto.EVP_CIPHER_CTX_free(context);
            }

            byte[] expected = new byte[50];
            using var gcm = new AesGcm(buffer.AsSpan(0, 32), 16);
            gcm.Encrypt(buffer.AsSpan(32, 12), buffer.AsSpan(64, 50), expected, new byte[16]);
            Assert.Equal(expected, buffer.AsSpan(128, 50).ToArray());
            Assert.Equal(buffer.AsSpan(64, 50).ToArray(), buffer.AsSpan(192, 50).ToArray());
        }

        [Fact]
        public void TheSecureHeapOfOpenSslWorks()
        {
            Assert.True(LinuxOpenSSL11LP64.IsAvailable());
            Assert.NotEqual(0, LinuxOpenSSL11LP64.CRYPTO_secure_malloc_init(30000, 30));
            Assert.Equal(1, LinuxOpenSSL11LP64.CRYPTO_secure_malloc_init(30000, 30));
            Assert.Equal(1, LinuxOpenSSL11LP64.CRYPTO_secure_malloc_initialized());
            IntPtr first = LinuxOpenSSL11LP64.CRYPTO_secure_malloc(100);
            IntPtr second = LinuxOpenSSL11LP64.CRYPTO_secure_zalloc(100);
            Assert.NotEqual(IntPtr.Zero, first);
            Assert.NotEqual(IntPtr.Zero, second);
            Assert.Equal(256ul, LinuxOpenSSL11LP64.CRYPTO_secure_used());
            LinuxOpenSSL11LP64.CRYPTO_secure_free(first);
            LinuxOpenSSL11LP64.CRYPTO_secure_clear_free(second, 100);
            Assert.Equal(0ul, LinuxOpenSSL11LP64.CRYPTO_secure_used());
            Assert.Equal(1, LinuxOpenSSL11LP64.CRYPTO_secure_malloc_done());
            Assert.Equal(0, LinuxOpenSSL11LP64.CRYPTO_secure_malloc_initialized());
        }
    }
}
