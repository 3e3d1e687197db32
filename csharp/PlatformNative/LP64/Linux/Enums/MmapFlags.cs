using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums
{
    /// <summary>Flags of mmap() on Linux.</summary>
    [Flags]
    public enum MmapFlags
    {
        /// <summary>The mapping is of a file; ignored.</summary>
        MAP_FILE = 0,

        /// <summary>Changes are seen by others.</summary>
        MAP_SHARED = 1,

        /// <summary>Changes are seen by this process alone.</summary>
        MAP_PRIVATE = 2,

        /// <summary>The bits that hold the type of the mapping.</summary>
        MAP_TYPE = 15,

        /// <summary>The mapping is placed exactly where asked.</summary>
        MAP_FIXED = 16,

        /// <summary>As MAP_ANONYMOUS.</summary>
        MAP_ANON = 32,

        /// <summary>The mapping is of no file and begins zeroed.</summary>
        MAP_ANONYMOUS = 32,

        /// <summary>The mapping lies in the first 2 GiB.</summary>
        MAP_32BIT = 64,

        /// <summary>The mapping grows downwards.</summary>
        MAP_GROWSDOWN = 256,

        /// <summary>Ignored.</summary>
        MAP_DENYWRITE = 2048,

        /// <summary>Ignored.</summary>
        MAP_EXECUTABLE = 4096,

        /// <summary>The mapping is locked.</summary>
        MAP_LOCKED = 8192,

        /// <summary>No swap space is reserved.</summary>
        MAP_NORESERVE = 16384,

        /// <summary>Pages are made at once.</summary>
        MAP_POPULATE = 32768,

        /// <summary>MAP_POPULATE does not read.</summary>
        MAP_NONBLOCK = 65536,

        /// <summary>The mapping is for a stack.</summary>
        MAP_STACK = 131072,

        /// <summary>Huge pages are used.</summary>
        MAP_HUGETLB = 262144,

        /// <summary>Where the size of huge pages is encoded.</summary>
        MAP_HUGE_SHIFT = 26,

        /// <summary>The bits of the encoded size of huge pages.</summary>
        MAP_HUGE_MASK = 63,
    }
}
