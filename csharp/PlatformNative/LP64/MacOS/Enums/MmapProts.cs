#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums
{
    [Flags()] public enum MmapProts : int
    {
        PORT_EXEC = 4,
        PROT_NONE = 0,
        PROT_READ = 1,
        PROT_WRITE = 2,
    }
}
