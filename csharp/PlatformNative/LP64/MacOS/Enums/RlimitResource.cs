#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums
{
    public enum RlimitResource : int
    {
        RLIMIT_AS = 5,
        RLIMIT_CORE = 4,
        RLIMIT_CPU = 0,
        RLIMIT_DATA = 2,
        RLIMIT_FSIZE = 1,
        RLIMIT_MEMLOCK = 6,
        RLIMIT_NOFILE = 8,
        RLIMIT_NPROC = 7,
        RLIMIT_RSS = 5,
        RLIMIT_STACK = 3,
    }
}
