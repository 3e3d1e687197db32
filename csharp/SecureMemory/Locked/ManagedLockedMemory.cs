using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.SecureMemory.Locked
{
    /// <summary>
    /// Pages of the system, locked by this assembly, for processes that have chosen managed code. Keys share a page:
    /// what a process may lock is often 64 KiB in all. Where a page cannot be locked it is used unlocked, with one
    /// warning through
    /// <see cref="Trace"/>. There are no guard pages and no canaries, as the native library has them.
    /// </summary>
    internal sealed unsafe class ManagedLockedMemory : LockedMemory
    {
        /// <summary>Bytes of a place in a shared page: those of a key.</summary>
        internal const int SlotSize = 64;

        internal static readonly ManagedLockedMemory Locked = new ManagedLockedMemory(true);

        internal static readonly ManagedLockedMemory Unlocked = new ManagedLockedMemory(false);

        private readonly object gate = new object();
        private readonly Stack<SharedPage> open = new Stack<SharedPage>();
        private readonly bool lockPages;
        private bool warned;

        private ManagedLockedMemory(bool lockPages)
        {
            this.lockPages = lockPages;
        }

        /// <summary>Gets how many secrets there are.</summary>
        internal int LiveSecrets { get; private set; }

        /// <summary>Gets how many bytes of pages are locked.</summary>
        internal long LockedBytes { get; private set; }

        /// <summary>Gets how many bytes of pages are not.</summary>
        internal long UnlockedBytes { get; private set; }

        /// <summary>Wipes and frees a secret.</summary>
        internal void Free(ManagedSecretHandle secret)
        {
            Memory.Wipe((byte*)secret.Address, secret.Length);
            lock (gate)
            {
                LiveSecrets--;
                SharedPage shared = secret.Shared;
                if (shared == null)
                {
                    Unmap(secret.Pages);
                    return;
                }

                bool wasFull = shared.IsFull;
                shared.Free((byte*)secret.Address);
                if (wasFull)
                {
                    open.Push(shared);
                }

                while (open.Count > 1 && open.Peek().IsEmpty)
                {
                    Unmap(open.Pop().Pages);
                }
            }
        }

        protected override SafeHandle AllocateChecked(int length, out byte* data)
        {
            // Made first, so that nothing is lost where there is no memory for it.
            var secret = new ManagedSecretHandle(this, length);
            lock (gate)
            {
                if (length > SlotSize)
                {
                    Pages pages = Map(length);
                    secret.Take(pages, null, pages.Start);
                }
                else
                {
                    if (open.Count == 0)
                    {
                        open.Push(new SharedPage(Map(SlotSize)));
                    }

                    SharedPage shared = open.Peek();
                    secret.Take(shared.Pages, shared, (IntPtr)shared.Take());
                    if (shared.IsFull)
                    {
                        open.Pop();
                    }
                }

                LiveSecrets++;
            }

            data = (byte*)secret.Address;
            return secret;
        }

        private Pages Map(int length)
        {
            Pages pages = Pages.Map(length, lockPages);
            if (pages.IsLocked)
            {
                LockedBytes += pages.Length;
            }
            else
            {
                UnlockedBytes += pages.Length;
                if (lockPages && !warned)
                {
                    warned = true;
                    Trace.TraceWarning(
                        "Secrets are kept in memory that is not locked: the system refused it. Raise the limit of " +
                        "locked memory (ulimit -l, LimitMEMLOCK, --ulimit memlock).");
                }
            }

            return pages;
        }

        private void Unmap(Pages pages)
        {
            if (pages.IsLocked)
            {
                LockedBytes -= pages.Length;
            }
            else
            {
                UnlockedBytes -= pages.Length;
            }

            pages.Unmap();
        }
    }
}
