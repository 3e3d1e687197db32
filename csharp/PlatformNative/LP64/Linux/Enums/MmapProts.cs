using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums
{
    /// <summary>Protection of pages on Linux.</summary>
    [Flags]
    public enum MmapProts
    {
        /// <summary>No access.</summary>
        PROT_NONE = 0,

        /// <summary>Pages may be read.</summary>
        PROT_READ = 1,

        /// <summary>Pages may be written.</summary>
        PROT_WRITE = 2,

        /// <summary>Pages may be executed.</summary>
        PROT_EXEC = 4,

        /// <summary>Down to the beginning of the mapping.</summary>
        PROT_GROWSDOWN = 16777216,

        /// <summary>Up to the end of the mapping.</summary>
        PROT_GROWSUP = 33554432,
    }
}
