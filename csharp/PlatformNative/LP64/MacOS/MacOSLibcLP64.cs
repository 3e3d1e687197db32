#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS
{
    public static class MacOSLibcLP64
    {
        public static int memset_s(nint dest, ulong destSize, int val, ulong count) { throw null; }
    }
}
