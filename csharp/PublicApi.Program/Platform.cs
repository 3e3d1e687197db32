using System;
using GoDaddy.Asherah.PlatformNative.LLP64.Windows;
using GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums;
using GoDaddy.Asherah.PlatformNative.LP64.Libc;
using GoDaddy.Asherah.PlatformNative.LP64.Linux;
using GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>What the platform offers.</summary>
    internal static class Platform
    {
        internal static void Run()
        {
            Expect.Same(16, (int)Madvice.MADV_DONTDUMP);
            Expect.Same(0x1000u, (uint)AllocationType.COMMIT);
            Expect.Same(16UL, CryptProtect.BLOCKSIZE);
            Expect.Same(158, (int)VirtualUnlockErrors.ERROR_NOT_LOCKED);
            Expect.Same(ulong.MaxValue, rlimit.UNLIMITED);
            Expect.Same(0UL, rlimit.Zero().rlim_cur);
            Expect.Same("libcrypto.so.1.1", OpenSSLCrypto.LibraryName);
            if (OperatingSystem.IsLinux())
            {
                Expect.Same(0, LibcLP64.getrlimit(8, out rlimit limit));
                Expect.True(limit.rlim_max >= limit.rlim_cur);

                // One page, readable and writable, private and of no file; locked, wiped, given back.
                IntPtr page = LibcLP64.mmap(IntPtr.Zero, 4096, 3, 0x22, -1, 0);
                Expect.True(page != new IntPtr(-1));
                Expect.Same(0, LibcLP64.madvise(page, 4096, (int)Madvice.MADV_DONTDUMP));
                LinuxLibcLP64.bzero(page, 4096);
                Expect.Same(0, LibcLP64.mprotect(page, 4096, 0));
                Expect.Same(0, LibcLP64.munmap(page, 4096));
                LinuxOpenSSL11LP64.IsAvailable();
            }
        }
    }
}
