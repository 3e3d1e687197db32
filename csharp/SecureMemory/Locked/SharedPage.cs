using System.Collections.Generic;

namespace GoDaddy.Asherah.SecureMemory.Locked
{
    /// <summary>Pages in places of <see cref="ManagedLockedMemory.SlotSize"/> bytes. The caller holds the
    /// lock.</summary>
    internal sealed unsafe class SharedPage
    {
        private readonly Stack<int> free;
        private readonly int slots;

        internal SharedPage(Pages pages)
        {
            Pages = pages;
            slots = pages.Length / ManagedLockedMemory.SlotSize;
            free = new Stack<int>(slots);
            for (int i = slots - 1; i >= 0; i--)
            {
                free.Push(i);
            }
        }

        internal Pages Pages { get; }

        internal bool IsFull => free.Count == 0;

        internal bool IsEmpty => free.Count == slots;

        /// <summary>Returns a place.</summary>
        internal byte* Take()
        {
            return (byte*)Pages.Start + (free.Pop() * ManagedLockedMemory.SlotSize);
        }

        /// <summary>Takes a wiped place back.</summary>
        internal void Free(byte* place)
        {
            free.Push((int)((place - (byte*)Pages.Start) / ManagedLockedMemory.SlotSize));
        }
    }
}
