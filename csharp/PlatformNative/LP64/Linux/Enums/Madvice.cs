namespace GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums
{
    /// <summary>Advice for madvise() on Linux.</summary>
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

        /// <summary>Pages and what is stored for them are freed.</summary>
        MADV_REMOVE = 9,

        /// <summary>A child of fork() does not get the pages.</summary>
        MADV_DONTFORK = 10,

        /// <summary>Takes MADV_DONTFORK back.</summary>
        MADV_DOFORK = 11,

        /// <summary>Pages with the same content may become one.</summary>
        MADV_MERGEABLE = 12,

        /// <summary>Takes MADV_MERGEABLE back.</summary>
        MADV_UNMERGEABLE = 13,

        /// <summary>Huge pages may be used.</summary>
        MADV_HUGEPAGE = 14,

        /// <summary>Takes MADV_HUGEPAGE back.</summary>
        MADV_NOHUGEPAGE = 15,

        /// <summary>Pages are left out of core dumps.</summary>
        MADV_DONTDUMP = 16,

        /// <summary>Takes MADV_DONTDUMP back.</summary>
        MADV_DODUMP = 17,

        /// <summary>Pages are treated as broken, for tests of the system.</summary>
        MADV_HWPOISON = 100,

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
