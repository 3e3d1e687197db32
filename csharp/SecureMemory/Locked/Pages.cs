using System;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.PlatformNative.LLP64.Windows;
using GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums;
using GoDaddy.Asherah.PlatformNative.LP64.Libc;
using GoDaddy.Asherah.SecureMemory.Libc;
using GoDaddy.Asherah.SecureMemory.ProtectedMemoryImpl.Windows;
using Linux = GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums;
using MacOS = GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums;

namespace GoDaddy.Asherah.SecureMemory.Locked
{
    /// <summary>Pages of the system. They begin zeroed and stay out of core dumps and of children where it can do
    /// that.</summary>
    internal sealed class Pages
    {
        private static readonly bool IsWindows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);
        private static readonly bool IsLinux = RuntimeInformation.IsOSPlatform(OSPlatform.Linux);

        private Pages(IntPtr start, int length, bool isLocked)
        {
            Start = start;
            Length = length;
            IsLocked = isLocked;
        }

        internal IntPtr Start { get; }

        /// <summary>Gets how many bytes there are.</summary>
        internal int Length { get; }

        internal bool IsLocked { get; }

        /// <summary>Maps pages for at least so many bytes and tries to lock them, if asked to.</summary>
        /// <exception cref="SecureMemoryAllocationFailedException">There is no memory.</exception>
        /// <exception cref="PlatformNotSupportedException">The process is one of 32 bits.</exception>
        internal static Pages Map(int length, bool lockPages)
        {
            // The functions of LibcLP64 are declared for 64 bits.
            if (!IsWindows && IntPtr.Size != 8)
            {
                throw new PlatformNotSupportedException("Locked memory of managed code needs a 64-bit process.");
            }

            int page = Environment.SystemPageSize;
            int rounded = (length + page - 1) / page * page;
            return IsWindows ? MapOnWindows(rounded, lockPages) : MapOnUnix(rounded, lockPages);
        }

        /// <summary>Gives the pages back. What was in them has been wiped.</summary>
        internal void Unmap()
        {
            // Nothing can be done about a failure, which only wrong arguments bring about.
            if (IsWindows)
            {
                WindowsInterop.VirtualFree(Start, UIntPtr.Zero, AllocationType.RELEASE);
            }
            else
            {
                LibcLP64.munmap(Start, (ulong)Length);
            }
        }

        private static Pages MapOnWindows(int length, bool lockPages)
        {
            var size = (UIntPtr)(uint)length;
            IntPtr start = WindowsInterop.VirtualAlloc(
                IntPtr.Zero, size, AllocationType.RESERVE | AllocationType.COMMIT, MemoryProtection.PAGE_READWRITE);
            if (start == IntPtr.Zero)
            {
                throw NoMemory(
                    length, new WindowsOperationFailedException("VirtualAlloc", 0, Marshal.GetLastWin32Error()));
            }

            return new Pages(start, length, lockPages && WindowsInterop.VirtualLock(start, size));
        }

        private static Pages MapOnUnix(int length, bool lockPages)
        {
            const int Access = (int)(Linux.MmapProts.PROT_READ | Linux.MmapProts.PROT_WRITE);
            int flags = IsLinux
                ? (int)(Linux.MmapFlags.MAP_PRIVATE | Linux.MmapFlags.MAP_ANONYMOUS)
                : (int)(MacOS.MmapFlags.MAP_PRIVATE | MacOS.MmapFlags.MAP_ANON);
            IntPtr start = LibcLP64.mmap(IntPtr.Zero, (ulong)length, Access, flags, -1, 0);
            try
            {
                Check.IntPointer(start, "mmap");
            }
            catch (LibcOperationFailedException e)
            {
                throw NoMemory(length, e);
            }

            if (IsLinux)
            {
                // Kernels without these pieces of advice refuse them, and the secret is kept all the same.
                LibcLP64.madvise(start, (ulong)length, (int)Linux.Madvice.MADV_DONTDUMP);
                LibcLP64.madvise(start, (ulong)length, (int)Linux.Madvice.MADV_DONTFORK);
            }

            return new Pages(start, length, lockPages && LibcLP64.mlock(start, (ulong)length) == 0);
        }

        private static SecureMemoryAllocationFailedException NoMemory(int length, Exception cause)
        {
            return new SecureMemoryAllocationFailedException("No memory of " + length + " bytes can be mapped.", cause);
        }
    }
}
