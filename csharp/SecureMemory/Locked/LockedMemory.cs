using System;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.SecureMemory.Locked
{
    /// <summary>Memory for secrets: locked where the system allows it, left out of core dumps, wiped when
    /// freed.</summary>
    internal abstract unsafe class LockedMemory
    {
        /// <summary>ASHERAH_MAX_SECRET: the longest secret in bytes.</summary>
        internal const int MaxLength = 16 * 1024 * 1024;

        /// <summary>
        /// Returns the memory of the native library, or pages of managed code where that is chosen by name. A missing
        /// library never chooses it.
        /// </summary>
        internal static LockedMemory Choose(SecretSettings settings)
        {
            if (ManagedEngine.IsChosen())
            {
                return settings.Unlocked ? ManagedLockedMemory.Unlocked : ManagedLockedMemory.Locked;
            }

            NativeLoader.EnsureLoaded();
            return NativeLockedMemory.Instance;
        }

        /// <summary>Returns zeroed memory, which the last release of the handle wipes and frees.</summary>
        /// <exception cref="ArgumentException">The length is 0.</exception>
        /// <exception cref="MemoryLimitException">The length is more than <see cref="MaxLength"/>, or no memory can be
        /// locked.</exception>
        /// <exception cref="SecureMemoryAllocationFailedException">There is no memory.</exception>
        internal SafeHandle Allocate(int length, out byte* data)
        {
            if (length == 0)
            {
                throw new ArgumentException("A secret has at least one byte.");
            }

            if (length > MaxLength)
            {
                throw new MemoryLimitException(
                    "A secret has at most " + MaxLength + " bytes; this one would have " + length + ".");
            }

            return AllocateChecked(length, out data);
        }

        /// <summary>Allocates 1 to <see cref="MaxLength"/> bytes.</summary>
        protected abstract SafeHandle AllocateChecked(int length, out byte* data);
    }
}
