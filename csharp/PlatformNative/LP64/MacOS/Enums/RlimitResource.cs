namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums
{
    /// <summary>Resources of getrlimit() on macOS.</summary>
    public enum RlimitResource
    {
        /// <summary>Processor time in seconds.</summary>
        RLIMIT_CPU = 0,

        /// <summary>Bytes of a file.</summary>
        RLIMIT_FSIZE = 1,

        /// <summary>Bytes of data.</summary>
        RLIMIT_DATA = 2,

        /// <summary>Bytes of the stack.</summary>
        RLIMIT_STACK = 3,

        /// <summary>Bytes of a core dump.</summary>
        RLIMIT_CORE = 4,

        /// <summary>Bytes of address space.</summary>
        RLIMIT_AS = 5,

        /// <summary>As RLIMIT_AS.</summary>
        RLIMIT_RSS = 5,

        /// <summary>Bytes of locked memory.</summary>
        RLIMIT_MEMLOCK = 6,

        /// <summary>Processes of the user.</summary>
        RLIMIT_NPROC = 7,

        /// <summary>Open files.</summary>
        RLIMIT_NOFILE = 8,
    }
}
