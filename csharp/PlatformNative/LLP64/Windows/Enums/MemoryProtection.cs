namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums
{
    /// <summary>Protection of pages on Windows.</summary>
    public enum MemoryProtection : uint
    {
        /// <summary>No access.</summary>
        PAGE_NOACCESS = 1,

        /// <summary>Pages may be read.</summary>
        PAGE_READONLY = 2,

        /// <summary>Pages may be read and written.</summary>
        PAGE_READWRITE = 4,

        /// <summary>Pages are copied when written.</summary>
        PAGE_WRITECOPY = 8,

        /// <summary>Pages may be executed.</summary>
        PAGE_EXECUTE = 16,

        /// <summary>Pages may be executed and read.</summary>
        PAGE_EXECUTE_READ = 32,

        /// <summary>Every access.</summary>
        PAGE_EXECUTE_READWRITE = 64,

        /// <summary>Pages may be executed and are copied when written.</summary>
        PAGE_EXECUTE_WRITECOPY = 128,

        /// <summary>The first access raises an exception.</summary>
        PAGE_GUARD = 256,

        /// <summary>Pages are not cached.</summary>
        PAGE_NOCACHE = 512,

        /// <summary>Writes are combined.</summary>
        PAGE_WRITECOMBINE = 1024,
    }
}
