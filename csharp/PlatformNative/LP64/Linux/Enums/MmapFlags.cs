#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums
{
    [Flags()] public enum MmapFlags : int
    {
        MAP_32BIT = 64,
        MAP_ANON = 32,
        MAP_ANONYMOUS = 32,
        MAP_DENYWRITE = 2048,
        MAP_EXECUTABLE = 4096,
        MAP_FILE = 0,
        MAP_FIXED = 16,
        MAP_GROWSDOWN = 256,
        MAP_HUGETLB = 262144,
        MAP_HUGE_MASK = 63,
        MAP_HUGE_SHIFT = 26,
        MAP_LOCKED = 8192,
        MAP_NONBLOCK = 65536,
        MAP_NORESERVE = 16384,
        MAP_POPULATE = 32768,
        MAP_PRIVATE = 2,
        MAP_SHARED = 1,
        MAP_STACK = 131072,
        MAP_TYPE = 15,
    }
}
