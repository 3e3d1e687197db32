#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums
{
    public enum Madvice : int
    {
        MADV_DODUMP = 17,
        MADV_DOFORK = 11,
        MADV_DONTDUMP = 16,
        MADV_DONTFORK = 10,
        MADV_DONTNEED = 4,
        MADV_HUGEPAGE = 14,
        MADV_HWPOISON = 100,
        MADV_MERGEABLE = 12,
        MADV_NOHUGEPAGE = 15,
        MADV_NORMAL = 0,
        MADV_RANDOM = 1,
        MADV_REMOVE = 9,
        MADV_SEQUENTIAL = 2,
        MADV_UNMERGEABLE = 13,
        MADV_WILLNEED = 3,
        POSIC_MADV_SEQUENTIAL = 2,
        POSIX_MADV_DONTNEED = 4,
        POSIX_MADV_NORMAL = 0,
        POSIX_MADV_RANDOM = 1,
        POSIX_MADV_WILLNEED = 3,
    }
}
