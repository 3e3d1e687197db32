#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Libc
{
    public static class LibcLP64
    {
        public static int getrlimit(int resource, out GoDaddy.Asherah.PlatformNative.LP64.Libc.rlimit rlim) { rlim = default(GoDaddy.Asherah.PlatformNative.LP64.Libc.rlimit); throw null; }
        public static int madvise(nint addr, ulong length, int advice) { throw null; }
        public static int mlock(nint start, ulong len) { throw null; }
        public static int mprotect(nint start, ulong len, int prots) { throw null; }
        public static int munlock(nint start, ulong len) { throw null; }
        public static int munmap(nint start, ulong length) { throw null; }
        public static int setrlimit(int resource, GoDaddy.Asherah.PlatformNative.LP64.Libc.rlimit rlp) { throw null; }
        public static nint mmap(nint start, ulong length, int prot, int flags, int fd, long offset) { throw null; }
    }
}
