#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux
{
    public static class LinuxLibcLP64
    {
        public static nint memcpy(nint dest, nint src, ulong len) { throw null; }
        public static void bzero(nint start, ulong len) { throw null; }
    }
}
