using System;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums;

namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows
{
    /// <summary>
    /// Functions of Windows that keep memory from being read. They set the last error of the thread. On other systems
    /// they throw <see cref="DllNotFoundException"/>.
    /// </summary>
    public static class WindowsInterop
    {
        /// <summary>Reads how much memory a process may keep.</summary>
        /// <param name="hProcess">The process.</param>
        /// <param name="lpMinimumWorkingSetSize">Receives the least number of bytes.</param>
        /// <param name="lpMaximumWorkingSetSize">Receives the greatest number of bytes.</param>
        /// <returns>False on failure.</returns>
        [DllImport("kernel32.dll", ExactSpelling = true, SetLastError = true)]
        public static extern bool GetProcessWorkingSetSize(
            IntPtr hProcess, ref UIntPtr lpMinimumWorkingSetSize, ref UIntPtr lpMaximumWorkingSetSize);

        /// <summary>Sets how much memory a process may keep.</summary>
        /// <param name="hProcess">The process.</param>
        /// <param name="minimumWorkingSetSize">The least number of bytes.</param>
        /// <param name="maximumWorkingSetSize">The greatest number of bytes.</param>
        /// <returns>False on failure.</returns>
        [DllImport("kernel32.dll", ExactSpelling = true, SetLastError = true)]
        public static extern bool SetProcessWorkingSetSize(
            IntPtr hProcess, UIntPtr minimumWorkingSetSize, UIntPtr maximumWorkingSetSize);

        /// <summary>Returns a handle of this process, which need not be closed.</summary>
        /// <returns>The handle.</returns>
        [DllImport("kernel32.dll", ExactSpelling = true, SetLastError = true)]
        public static extern IntPtr GetCurrentProcess();

        /// <summary>Reserves or commits pages.</summary>
        /// <param name="lpAddress">Where; zero leaves the choice to the system.</param>
        /// <param name="dwSize">How many bytes.</param>
        /// <param name="flAllocationType">What is done.</param>
        /// <param name="flProtect">The protection of the pages.</param>
        /// <returns>The address; zero on failure.</returns>
        [DllImport("kernel32.dll", ExactSpelling = true, SetLastError = true)]
        public static extern IntPtr VirtualAlloc(
            IntPtr lpAddress, UIntPtr dwSize, AllocationType flAllocationType, MemoryProtection flProtect);

        /// <summary>Gives pages back.</summary>
        /// <param name="lpAddress">The address.</param>
        /// <param name="dwSize">How many bytes; zero to release all.</param>
        /// <param name="dwFreeType">What is done.</param>
        /// <returns>False on failure.</returns>
        [DllImport("kernel32.dll", ExactSpelling = true, SetLastError = true)]
        public static extern bool VirtualFree(IntPtr lpAddress, UIntPtr dwSize, AllocationType dwFreeType);

        /// <summary>Keeps pages in memory.</summary>
        /// <param name="lpAddress">The address.</param>
        /// <param name="dwSize">How many bytes.</param>
        /// <returns>False on failure.</returns>
        [DllImport("kernel32.dll", ExactSpelling = true, SetLastError = true)]
        public static extern bool VirtualLock(IntPtr lpAddress, UIntPtr dwSize);

        /// <summary>Lets pages be written out again.</summary>
        /// <param name="lpAddress">The address.</param>
        /// <param name="dwSize">How many bytes.</param>
        /// <returns>False on failure.</returns>
        [DllImport("kernel32.dll", ExactSpelling = true, SetLastError = true)]
        public static extern bool VirtualUnlock(IntPtr lpAddress, UIntPtr dwSize);

        /// <summary>Encrypts memory in place.</summary>
        /// <param name="ptr">The address.</param>
        /// <param name="dwSize">How many bytes: a multiple of <see cref="CryptProtect.BLOCKSIZE"/>.</param>
        /// <param name="dwFlags">Who can decrypt it.</param>
        /// <returns>False on failure.</returns>
        [DllImport("crypt32.dll", ExactSpelling = true, SetLastError = true)]
        public static extern bool CryptProtectMemory(IntPtr ptr, UIntPtr dwSize, CryptProtectMemoryOptions dwFlags);

        /// <summary>Decrypts memory in place.</summary>
        /// <param name="ptr">The address.</param>
        /// <param name="dwSize">How many bytes: a multiple of <see cref="CryptProtect.BLOCKSIZE"/>.</param>
        /// <param name="dwFlags">As it was encrypted.</param>
        /// <returns>False on failure.</returns>
        [DllImport("crypt32.dll", ExactSpelling = true, SetLastError = true)]
        public static extern bool CryptUnprotectMemory(IntPtr ptr, UIntPtr dwSize, CryptProtectMemoryOptions dwFlags);

        /// <summary>Overwrites memory with zeros.</summary>
        /// <param name="dest">The address.</param>
        /// <param name="size">How many bytes.</param>
        [DllImport("kernel32.dll", EntryPoint = "RtlZeroMemory", ExactSpelling = true, SetLastError = true)]
        public static extern void ZeroMemory(IntPtr dest, UIntPtr size);
    }
}
