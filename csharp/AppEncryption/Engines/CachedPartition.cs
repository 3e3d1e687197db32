using System;
using System.Threading;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>A partition of a <see cref="SessionCache"/>, with its users counted.</summary>
    internal sealed class CachedPartition : IDisposable
    {
        // In place of the number of users: it is over.
        private const int Ended = -1;

        private readonly SessionCache cache;
        private int users = 1;
        private long expiry;

        /// <summary>Makes one with one user.</summary>
        internal CachedPartition(SessionCache cache, string id, IPartitionCore core)
        {
            this.cache = cache;
            Id = id;
            Core = core;
        }

        internal string Id { get; }

        internal IPartitionCore Core { get; }

        /// <summary>Gets a value indicating whether it was ended, for good.</summary>
        internal bool IsOver => Volatile.Read(ref users) == Ended;

        /// <summary>A user leaves.</summary>
        public void Dispose()
        {
            while (true)
            {
                int now = Volatile.Read(ref users);
                if (now == 1)
                {
                    // Before it is unused: from then on anybody may look.
                    Interlocked.Exchange(ref expiry, cache.ExpiryFromNow());
                }

                if (Interlocked.CompareExchange(ref users, now - 1, now) == now)
                {
                    if (now == 1)
                    {
                        cache.Left(this);
                    }

                    return;
                }
            }
        }

        /// <summary>Adds a user, unless it is over, or unused and its time is over.</summary>
        internal bool TryEnter(long time)
        {
            while (true)
            {
                int now = Volatile.Read(ref users);
                if (now == Ended || (now == 0 && Interlocked.Read(ref expiry) <= time))
                {
                    return false;
                }

                if (Interlocked.CompareExchange(ref users, now + 1, now) == now)
                {
                    return true;
                }
            }
        }

        /// <summary>Ends it if it is unused and its time is over: true once.</summary>
        internal bool TryEnd(long time)
        {
            int unused = Guard.Holds(Guarded.Users) ? 0 : Volatile.Read(ref users);
            return (time == long.MaxValue || Interlocked.Read(ref expiry) <= time) &&
                Interlocked.CompareExchange(ref users, Ended, unused) == unused;
        }
    }
}
