using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// The expired keys that go on encrypting while they are replaced in the background, one rotation an id at a time. A
    /// rotation that fails is begun again by a call that uses the key when it is due: nothing waits in between.
    /// </summary>
    internal sealed class QueuedRotations
    {
        /// <summary>Bounds the ids whose keys are being replaced, wait for it, or are to be tried again. Where there are
        /// more, a later call finds room.</summary>
        internal const int MaxIds = 1024;

        /// <summary>Bounds the keys that are replaced at the same time.</summary>
        internal const int MaxWorkers = 4;

        private const long FirstRetry = 1000;
        private const long LastRetry = 5 * 60 * 1000;

        private readonly object gate = new object();
        private readonly Dictionary<string, Rotation> rotations = new Dictionary<string, Rotation>(StringComparer.Ordinal);
        private readonly Queue<Rotation> waiting = new Queue<Rotation>();
        private readonly Func<long> clock;
        private int workers;
        private int pending;

        /// <summary>Makes an empty queue.</summary>
        /// <param name="clock">Milliseconds that only grow; null for those of this process.</param>
        internal QueuedRotations(Func<long> clock = null)
        {
            this.clock = clock ?? (() => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000));
        }

        /// <summary>Gets how many rotations are under way or wait for it.</summary>
        internal int Pending
        {
            get
            {
                lock (gate)
                {
                    return pending;
                }
            }
        }

        /// <summary>Has a key replaced on the thread pool, unless that is under way, was tried in vain a moment ago, or
        /// too many are.</summary>
        /// <param name="id">The key's id.</param>
        /// <param name="rotate">Replaces it, once; throws if it fails.</param>
        /// <returns>True if it will be called.</returns>
        internal bool Begin(string id, Action rotate)
        {
            lock (gate)
            {
                if (rotations.TryGetValue(id, out Rotation rotation))
                {
                    if (rotation.Busy || clock() < rotation.Retry)
                    {
                        return false;
                    }
                }
                else if (!HasRoom())
                {
                    return false;
                }
                else
                {
                    rotation = new Rotation { Id = id };
                    rotations.Add(id, rotation);
                }

                rotation.Busy = true;
                pending++;
                rotation.Rotate = rotate;
                waiting.Enqueue(rotation);
                if (workers == MaxWorkers)
                {
                    return true;
                }

                workers++;
            }

            // Nothing of the call that found the key expired goes along: its transaction or culture are not the key's.
            ThreadPool.UnsafeQueueUserWorkItem(_ => Work(), null);
            return true;
        }

        private void Work()
        {
            while (true)
            {
                Rotation rotation;
                lock (gate)
                {
                    if (waiting.Count == 0)
                    {
                        workers--;
                        return;
                    }

                    rotation = waiting.Dequeue();
                }

                bool done = false;
                try
                {
                    rotation.Rotate();
                    done = true;
                }
                catch (Exception)
                {
                    // Told by who gave it.
                }

                End(rotation, done);
            }
        }

        private void End(Rotation rotation, bool done)
        {
            lock (gate)
            {
                pending--;
                rotation.Rotate = null;
                if (done)
                {
                    rotations.Remove(rotation.Id);
                    return;
                }

                rotation.Busy = false;
                rotation.Retry = clock() + Math.Min(FirstRetry << Math.Min(rotation.Failures, 16), LastRetry);
                rotation.Failures++;
            }
        }

        // Ids that nobody has used since they were due are forgotten for others.
        private bool HasRoom()
        {
            if (rotations.Count < MaxIds)
            {
                return true;
            }

            long now = clock();
            var due = new List<string>();
            foreach (Rotation rotation in rotations.Values)
            {
                if (!rotation.Busy && rotation.Retry <= now)
                {
                    due.Add(rotation.Id);
                }
            }

            due.ForEach(id => rotations.Remove(id));
            return rotations.Count < MaxIds;
        }

        private sealed class Rotation
        {
            internal string Id { get; set; }

            internal Action Rotate { get; set; }

            internal bool Busy { get; set; }

            internal int Failures { get; set; }

            internal long Retry { get; set; }
        }
    }
}
