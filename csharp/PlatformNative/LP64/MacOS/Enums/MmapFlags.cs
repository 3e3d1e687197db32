using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums
{
    /// <summary>Flags of mmap() on macOS.</summary>
    [Flags]
    public enum MmapFlags
    {
        /// <summary>The mapping is of a file.</summary>
        MAP_FILE = 0,

        /// <summary>Changes are seen by others.</summary>
        MAP_SHARED = 1,

        /// <summary>Changes are seen by this process alone.</summary>
        MAP_PRIVATE = 2,

        /// <summary>As MAP_PRIVATE.</summary>
        MAP_COPY = 2,

        /// <summary>The mapping is placed exactly where asked.</summary>
        MAP_FIXED = 16,

        /// <summary>Ignored.</summary>
        MAP_RENAME = 32,

        /// <summary>Ignored.</summary>
        MAP_NORESERVE = 64,

        /// <summary>Reserved.</summary>
        MAP_RESERVED0080 = 128,

        /// <summary>Ignored.</summary>
        MAP_NOEXTEND = 256,

        /// <summary>The mapping may hold semaphores.</summary>
        MAP_HASSEMAPHORE = 512,

        /// <summary>Pages are not kept in caches.</summary>
        MAP_NOCACHE = 1024,

        /// <summary>The mapping is for code made at run time.</summary>
        MAP_JIT = 2048,

        /// <summary>The mapping is of no file and begins zeroed.</summary>
        MAP_ANON = 4096,

        /// <summary>As MAP_ANON.</summary>
        MAP_ANONYMOUS = 4096,
    }
}
