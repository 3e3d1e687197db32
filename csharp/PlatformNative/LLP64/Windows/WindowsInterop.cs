#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows
{
    public static class WindowsInterop
    {
        public static bool CryptProtectMemory(nint ptr, nuint dwSize, GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums.CryptProtectMemoryOptions dwFlags) { throw null; }
        public static bool CryptUnprotectMemory(nint ptr, nuint dwSize, GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums.CryptProtectMemoryOptions dwFlags) { throw null; }
        public static bool GetProcessWorkingSetSize(nint hProcess, ref nuint lpMinimumWorkingSetSize, ref nuint lpMaximumWorkingSetSize) { throw null; }
        public static bool SetProcessWorkingSetSize(nint hProcess, nuint minimumWorkingSetSize, nuint maximumWorkingSetSize) { throw null; }
        public static bool VirtualFree(nint lpAddress, nuint dwSize, GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums.AllocationType dwFreeType) { throw null; }
        public static bool VirtualLock(nint lpAddress, nuint dwSize) { throw null; }
        public static bool VirtualUnlock(nint lpAddress, nuint dwSize) { throw null; }
        public static nint GetCurrentProcess() { throw null; }
        public static nint VirtualAlloc(nint lpAddress, nuint dwSize, GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums.AllocationType flAllocationType, GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums.MemoryProtection flProtect) { throw null; }
        public static void ZeroMemory(nint dest, nuint size) { throw null; }
    }
}
