#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Libc
{
    public struct rlimit
    {
        public const ulong UNLIMITED = 18446744073709551615;
        public static GoDaddy.Asherah.PlatformNative.LP64.Libc.rlimit Zero() { throw null; }
        public ulong rlim_cur;
        public ulong rlim_max;
    }
}
