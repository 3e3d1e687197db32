using System;

namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums
{
    /// <summary>How VirtualAlloc and VirtualFree work.</summary>
    [Flags]
    public enum AllocationType : uint
    {
        /// <summary>Pages are committed.</summary>
        COMMIT = 4096,

        /// <summary>Addresses are reserved.</summary>
        RESERVE = 8192,

        /// <summary>Pages are given back.</summary>
        DECOMMIT = 16384,

        /// <summary>Addresses are given back.</summary>
        RELEASE = 32768,

        /// <summary>The content of pages is not needed.</summary>
        RESET = 524288,

        /// <summary>Addresses are taken from the top.</summary>
        TOP_DOWN = 1048576,

        /// <summary>Written pages are recorded.</summary>
        WRITE_WATCH = 2097152,

        /// <summary>Physical pages can be mapped.</summary>
        PHYSICAL = 4194304,

        /// <summary>Large pages are used.</summary>
        LARGE_PAGES = 536870912,
    }
}
