#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums
{
    [Flags()] public enum MmapProts : int
    {
        PROT_EXEC = 4,
        PROT_GROWSDOWN = 16777216,
        PROT_GROWSUP = 33554432,
        PROT_NONE = 0,
        PROT_READ = 1,
        PROT_WRITE = 2,
    }
}
