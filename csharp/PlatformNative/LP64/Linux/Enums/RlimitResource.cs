namespace GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums
{
    /// <summary>Resources of getrlimit() on Linux.</summary>
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

        /// <summary>Bytes in memory; ignored.</summary>
        RLIMIT_RSS = 5,

        /// <summary>Processes and threads of the user.</summary>
        RLIMIT_NPROC = 6,

        /// <summary>Open files.</summary>
        RLIMIT_NOFILE = 7,

        /// <summary>Bytes of locked memory.</summary>
        RLIMIT_MEMLOCK = 8,

        /// <summary>Bytes of address space.</summary>
        RLIMIT_AS = 9,

        /// <summary>File locks; ignored.</summary>
        RLIMIT_LOCKS = 10,

        /// <summary>Queued signals of the user.</summary>
        RLIMIT_SIGPENDING = 11,

        /// <summary>Bytes of message queues of the user.</summary>
        RLIMIT_MSGQUEUE = 12,

        /// <summary>How far niceness can be lowered.</summary>
        RLIMIT_NICE = 13,

        /// <summary>Real-time priority.</summary>
        RLIMIT_RTPRIO = 14,

        /// <summary>Real-time processor time in microseconds.</summary>
        RLIMIT_RTTIME = 15,

        /// <summary>How many resources there are.</summary>
        RLIMIT_NLIMITS = 16,
    }
}
