#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums
{
    public enum Madvice : int
    {
        MADV_CAN_REUSE = 9,
        MADV_DONTNEED = 4,
        MADV_FREE = 5,
        MADV_FREE_REUSABLE = 7,
        MADV_FREE_REUSE = 8,
        MADV_NORMAL = 0,
        MADV_PAGEOUT = 10,
        MADV_RANDOM = 1,
        MADV_SEQUENTIAL = 2,
        MADV_WILLNEED = 3,
        MADV_ZERO_WIRED_PAGES = 6,
        POSIC_MADV_SEQUENTIAL = 2,
        POSIX_MADV_DONTNEED = 4,
        POSIX_MADV_NORMAL = 0,
        POSIX_MADV_RANDOM = 1,
        POSIX_MADV_WILLNEED = 3,
    }
}
