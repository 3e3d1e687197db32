#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums
{
    public enum MemoryProtection : uint
    {
        PAGE_EXECUTE = 16,
        PAGE_EXECUTE_READ = 32,
        PAGE_EXECUTE_READWRITE = 64,
        PAGE_EXECUTE_WRITECOPY = 128,
        PAGE_GUARD = 256,
        PAGE_NOACCESS = 1,
        PAGE_NOCACHE = 512,
        PAGE_READONLY = 2,
        PAGE_READWRITE = 4,
        PAGE_WRITECOMBINE = 1024,
        PAGE_WRITECOPY = 8,
    }
}
