#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums
{
    [Flags()] public enum MmapFlags : int
    {
        MAP_ANON = 4096,
        MAP_ANONYMOUS = 4096,
        MAP_COPY = 2,
        MAP_FILE = 0,
        MAP_FIXED = 16,
        MAP_HASSEMAPHORE = 512,
        MAP_JIT = 2048,
        MAP_NOCACHE = 1024,
        MAP_NOEXTEND = 256,
        MAP_NORESERVE = 64,
        MAP_PRIVATE = 2,
        MAP_RENAME = 32,
        MAP_RESERVED0080 = 128,
        MAP_SHARED = 1,
    }
}
