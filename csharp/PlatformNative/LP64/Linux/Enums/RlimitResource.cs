#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums
{
    public enum RlimitResource : int
    {
        RLIMIT_AS = 9,
        RLIMIT_CORE = 4,
        RLIMIT_CPU = 0,
        RLIMIT_DATA = 2,
        RLIMIT_FSIZE = 1,
        RLIMIT_LOCKS = 10,
        RLIMIT_MEMLOCK = 8,
        RLIMIT_MSGQUEUE = 12,
        RLIMIT_NICE = 13,
        RLIMIT_NLIMITS = 16,
        RLIMIT_NOFILE = 7,
        RLIMIT_NPROC = 6,
        RLIMIT_RSS = 5,
        RLIMIT_RTPRIO = 14,
        RLIMIT_RTTIME = 15,
        RLIMIT_SIGPENDING = 11,
        RLIMIT_STACK = 3,
    }
}
