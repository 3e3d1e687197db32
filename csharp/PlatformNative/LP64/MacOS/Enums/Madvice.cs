namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums
{
    /// <summary>Advice for madvise() on macOS.</summary>
    public enum Madvice
    {
        /// <summary>No particular use is expected.</summary>
        MADV_NORMAL = 0,

        /// <summary>Pages are read in no order.</summary>
        MADV_RANDOM = 1,

        /// <summary>Pages are read one after the other.</summary>
        MADV_SEQUENTIAL = 2,

        /// <summary>Pages are needed soon.</summary>
        MADV_WILLNEED = 3,

        /// <summary>Pages are not needed for now.</summary>
        MADV_DONTNEED = 4,

        /// <summary>Pages may be freed, their content is not needed.</summary>
        MADV_FREE = 5,

        /// <summary>Wired pages are zeroed when unmapped.</summary>
        MADV_ZERO_WIRED_PAGES = 6,

        /// <summary>As MADV_FREE, and not counted for the process.</summary>
        MADV_FREE_REUSABLE = 7,

        /// <summary>Pages given up are used again.</summary>
        MADV_FREE_REUSE = 8,

        /// <summary>Asks whether pages can be used again.</summary>
        MADV_CAN_REUSE = 9,

        /// <summary>Pages are written out.</summary>
        MADV_PAGEOUT = 10,

        /// <summary>As MADV_NORMAL.</summary>
        POSIX_MADV_NORMAL = 0,

        /// <summary>As MADV_RANDOM.</summary>
        POSIX_MADV_RANDOM = 1,

        /// <summary>As MADV_SEQUENTIAL.</summary>
        POSIC_MADV_SEQUENTIAL = 2,

        /// <summary>As MADV_WILLNEED.</summary>
        POSIX_MADV_WILLNEED = 3,

        /// <summary>As MADV_DONTNEED.</summary>
        POSIX_MADV_DONTNEED = 4,
    }
}
