#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums
{
    [Flags()] public enum AllocationType : uint
    {
        COMMIT = 4096,
        DECOMMIT = 16384,
        LARGE_PAGES = 536870912,
        PHYSICAL = 4194304,
        RELEASE = 32768,
        RESERVE = 8192,
        RESET = 524288,
        TOP_DOWN = 1048576,
        WRITE_WATCH = 2097152,
    }
}
