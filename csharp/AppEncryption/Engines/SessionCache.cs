using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using GoDaddy.Asherah.Crypto;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// Partitions that sessions share while they are open, and that stay for the next session for a while. Those in use
    /// are never removed. Unused ones go when their time since the last use is over, or when the cache is full and a
    /// further partition is opened, and then all of them. Safe for use by many threads at once.
    /// </summary>
    /// <remarks>
    /// The policy is asked anew each time: for the size when a partition is added, for the time when its last session
    /// is closed.
    /// </remarks>
    internal sealed class SessionCache : IDisposable
    {
        /// <summary>Milliseconds between two looks for unused partitions whose time is over.</summary>
        internal const long SweepInterval = 60_000;

        private readonly ConcurrentDictionary<string, CachedPartition> partitions =
            new ConcurrentDictionary<string, CachedPartition>(StringComparer.Ordinal);

        private readonly object adding = new object();
        private readonly IAppEncryptionCore core;
        private readonly CryptoPolicy policy;
        private readonly ILogger logger;
        private readonly Func<long> clock;
        private long nextSweep;
        private volatile bool closed;

        /// <summary>Makes a cache.</summary>
        /// <param name="core">What opens partitions.</param>
        /// <param name="policy">What decides about size and time.</param>
        /// <param name="logger">Where failures on closing go; may be null.</param>
        /// <param name="clock">Returns milliseconds that never go back.</param>
        internal SessionCache(IAppEncryptionCore core, CryptoPolicy policy, ILogger logger, Func<long> clock)
        {
            this.core = core;
            this.policy = policy;
            this.logger = logger;
            this.clock = clock;
            nextSweep = clock() + SweepInterval;
        }

        /// <summary>Gets how many partitions there are, used and unused.</summary>
        internal int Count => partitions.Count;

        /// <summary>Closes what is unused, and the rest when its last session is closed.</summary>
        public void Dispose()
        {
            lock (adding)
            {
                closed = true;
            }

            DropUnused(long.MaxValue);
        }

        /// <summary>Returns a partition, whose users have become one more.</summary>
        /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
        internal CachedPartition Enter(string partitionId)
        {
            long now = clock();
            SweepIfDue(now);
            return !closed && partitions.TryGetValue(partitionId, out CachedPartition partition) &&
                partition.TryEnter(now)
                ? partition
                : Add(partitionId, now);
        }

        /// <summary>Says when a partition whose last session is being closed goes.</summary>
        internal long ExpiryFromNow()
        {
            long now = clock();
            long millis;
            try
            {
                millis = policy.GetSessionCacheExpireMillis();
                if (millis <= 0)
                {
                    throw new InvalidOperationException(
                        "The session cache expire millis of the policy must be positive; they are " + millis + ".");
                }
            }
            catch (Exception e)
            {
                Report(e);
                return long.MaxValue;
            }

            return millis > long.MaxValue - now ? long.MaxValue : now + millis;
        }

        /// <summary>Follows when a partition has lost its last user.</summary>
        internal void Left(CachedPartition partition)
        {
            if (closed)
            {
                Drop(partition, long.MaxValue);
            }
            else
            {
                SweepIfDue(clock());
            }
        }

        private CachedPartition Add(string partitionId, long now)
        {
            lock (adding)
            {
                if (closed)
                {
                    throw new ObjectDisposedException(nameof(SessionFactory));
                }

                // One whose time is over may be entered before it is dropped, by a call with an earlier time: it stays
                // then.
                while (partitions.TryGetValue(partitionId, out CachedPartition known) && !known.IsOver)
                {
                    if (known.TryEnter(now))
                    {
                        return known;
                    }

                    Guard.Reached(Guarded.SecondLook, known);
                    Drop(known, now);
                    if (!Guard.Holds(Guarded.SecondLook))
                    {
                        break;
                    }
                }

                if (partitions.Count >= policy.GetSessionCacheMaxSize())
                {
                    DropUnused(long.MaxValue);
                }

                var partition = new CachedPartition(this, partitionId, core.Open(partitionId));
                partitions[partitionId] = partition;
                return partition;
            }
        }

        private void SweepIfDue(long now)
        {
            long due = Volatile.Read(ref nextSweep);
            if (now >= due && Interlocked.CompareExchange(ref nextSweep, now + SweepInterval, due) == due)
            {
                Sweep(now);
            }
        }

        // In a method of its own, so that only calls that come here pay for the closure.
        private void Sweep(long now)
        {
            ThreadPool.QueueUserWorkItem(_ => DropUnused(now));
        }

        private void DropUnused(long now)
        {
            foreach (KeyValuePair<string, CachedPartition> entry in partitions)
            {
                Drop(entry.Value, now);
            }
        }

        private void Drop(CachedPartition partition, long now)
        {
            if (!partition.TryEnd(now))
            {
                return;
            }

            // Another one may have come in its place: the pair is removed, not what has the name.
            Guard.Reached(Guarded.OwnPlace, partition);
            CachedPartition held = partition;
            if (Guard.Holds(Guarded.OwnPlace) || partitions.TryGetValue(partition.Id, out held))
            {
                ((ICollection<KeyValuePair<string, CachedPartition>>)partitions).Remove(
                    new KeyValuePair<string, CachedPartition>(partition.Id, held));
            }

            try
            {
                partition.Core.Dispose();
            }
            catch (Exception e)
            {
                Report(e);
            }
        }

        private void Report(Exception e)
        {
            logger?.LogError(e, "unexpected exception during close");
        }
    }
}
