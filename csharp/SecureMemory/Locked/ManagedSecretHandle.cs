using System;
using Microsoft.Win32.SafeHandles;

namespace GoDaddy.Asherah.SecureMemory.Locked
{
    /// <summary>Owns a secret in pages of <see cref="ManagedLockedMemory"/>.</summary>
    internal sealed class ManagedSecretHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        private readonly ManagedLockedMemory memory;

        internal ManagedSecretHandle(ManagedLockedMemory memory, int length)
            : base(ownsHandle: true)
        {
            this.memory = memory;
            Length = length;
        }

        internal int Length { get; }

        internal IntPtr Address => handle;

        /// <summary>Gets the pages the secret lies in.</summary>
        internal Pages Pages { get; private set; }

        /// <summary>Gets the page it shares with others, or null.</summary>
        internal SharedPage Shared { get; private set; }

        internal void Take(Pages pages, SharedPage shared, IntPtr address)
        {
            Pages = pages;
            Shared = shared;
            SetHandle(address);
        }

        protected override bool ReleaseHandle()
        {
            memory.Free(this);
            return true;
        }
    }
}
