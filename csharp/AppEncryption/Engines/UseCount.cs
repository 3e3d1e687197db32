using System;
using System.Threading;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// Keeps something alive while it is used: what closes it is done by the owner's <see cref="Close"/> or, where it is
    /// in use then, by the last user to leave. Nobody ever waits.
    /// </summary>
    internal sealed class UseCount
    {
        private readonly Action last;
        private int users = 1;
        private int closed;

        internal UseCount(Action last)
        {
            this.last = last;
        }

        /// <summary>Begins a use; false if the owner has closed.</summary>
        internal bool TryEnter()
        {
            if (Volatile.Read(ref closed) != 0)
            {
                return false;
            }

            return TryJoin();
        }

        /// <summary>Begins a use on behalf of one that has not ended, closed or not.</summary>
        internal bool TryJoin()
        {
            int seen = Volatile.Read(ref users);
            while (seen > 0)
            {
                int before = Interlocked.CompareExchange(ref users, seen + 1, seen);
                if (before == seen)
                {
                    return true;
                }

                seen = before;
            }

            return false;
        }

        /// <summary>Ends a use.</summary>
        internal void Leave()
        {
            if (Interlocked.Decrement(ref users) == 0)
            {
                last();
            }
        }

        /// <summary>Ends the owner's use; a second time does nothing.</summary>
        internal void Close()
        {
            if (Interlocked.Exchange(ref closed, 1) == 0)
            {
                Leave();
            }
        }
    }
}
