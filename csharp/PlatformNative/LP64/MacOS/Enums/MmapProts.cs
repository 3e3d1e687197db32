using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums
{
    /// <summary>Protection of pages on macOS.</summary>
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
        PORT_EXEC = 4,
    }
}
