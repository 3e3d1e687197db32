using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace GoDaddy.Asherah.Crypto.Keys
{
    /// <summary>
    /// A cache of keys, which it owns. A key that is not revoked is given out for the revoke check period after it was
    /// put or put again, a revoked one for ever. Nothing is evicted. Safe to use from any thread.
    /// </summary>
    /// <typeparam name="TKey">What keys are found by. <see cref="GetLast"/> needs it to be comparable.</typeparam>
    public class SecureCryptoKeyDictionary<TKey> : IDisposable
    {
        private readonly ConcurrentDictionary<TKey, Entry> entries = new ConcurrentDictionary<TKey, Entry>();
        private readonly object gate = new object();
        private readonly long revokeCheckPeriodMillis;
        private volatile bool closed;

        /// <summary>Makes an empty cache.</summary>
        /// <param name="revokeCheckPeriodMillis">For how many milliseconds a key is given out.</param>
        public SecureCryptoKeyDictionary(long revokeCheckPeriodMillis)
        {
            this.revokeCheckPeriodMillis = revokeCheckPeriodMillis;
        }

        /// <summary>Returns a cached key.</summary>
        /// <param name="key">What it was put under.</param>
        /// <returns>The key, which need not be disposed of; null where there is none, or its revocation is to be
        /// checked.</returns>
        /// <exception cref="InvalidOperationException">The cache has been disposed of.</exception>
        public virtual CryptoKey Get(TKey key)
        {
            RequireOpen();
            return entries.TryGetValue(key, out Entry entry) ? Usable(entry) : null;
        }

        /// <summary>Returns the cached key with the greatest name.</summary>
        /// <returns>The key, which need not be disposed of; null where there is none, or its revocation is to be
        /// checked.</returns>
        /// <exception cref="InvalidOperationException">The cache has been disposed of.</exception>
        public virtual CryptoKey GetLast()
        {
            RequireOpen();
            Comparer<TKey> comparer = Comparer<TKey>.Default;
            bool any = false;
            KeyValuePair<TKey, Entry> last = default;
            foreach (KeyValuePair<TKey, Entry> pair in entries)
            {
                if (!any || comparer.Compare(pair.Key, last.Key) > 0)
                {
                    last = pair;
                    any = true;
                }
            }

            return any ? Usable(last.Value) : null;
        }

        /// <summary>
        /// Puts a key, which the cache owns from then on. Where there is one under the name already, that one stays:
        /// its time begins anew, or it becomes revoked if the given one is.
        /// </summary>
        /// <param name="key">What it is put under.</param>
        /// <param name="cryptoKey">The key.</param>
        /// <returns>The key to use in its place and to dispose of after that.</returns>
        /// <exception cref="ArgumentNullException">A parameter is null.</exception>
        /// <exception cref="InvalidOperationException">The cache has been disposed of.</exception>
        public virtual CryptoKey PutAndGetUsable(TKey key, CryptoKey cryptoKey)
        {
            if (cryptoKey == null)
            {
                throw new ArgumentNullException(nameof(cryptoKey));
            }

            // Under the lock of Dispose, which would not see a key that is put while it runs.
            lock (gate)
            {
                RequireOpen();
                var put = new Entry(new SharedCryptoKey(cryptoKey));
                Entry cached = entries.GetOrAdd(key, put);
                if (cached == put || cached.Key.SharedKey == cryptoKey)
                {
                    return cached.Key;
                }

                if (cryptoKey.IsRevoked())
                {
                    cached.Key.MarkRevoked();
                }
                else
                {
                    cached.Renew();
                }

                return cryptoKey;
            }
        }

        /// <summary>Disposes of the cached keys. Does nothing the second time.</summary>
        public virtual void Dispose()
        {
            lock (gate)
            {
                closed = true;
                foreach (Entry entry in entries.Values)
                {
                    entry.Key.SharedKey.Dispose();
                }

                entries.Clear();
            }
        }

        // A revoked key is given out without another look: it never becomes anything else.
        private CryptoKey Usable(Entry entry)
        {
            return entry.Key.IsRevoked() || entry.AgeMillis < revokeCheckPeriodMillis ? entry.Key : null;
        }

        private void RequireOpen()
        {
            if (closed)
            {
                throw new InvalidOperationException("Attempted to get CryptoKey after close");
            }
        }

        private sealed class Entry
        {
            private long utcTicks;
            private long timestamp;

            internal Entry(SharedCryptoKey key)
            {
                Key = key;
                Renew();
            }

            internal SharedCryptoKey Key { get; }

            // By the clock that tells the longer time: one may have been set back, the other stands still while a
            // virtual machine does.
            internal long AgeMillis
            {
                get
                {
                    long utc = DateTime.UtcNow.Ticks - Interlocked.Read(ref utcTicks);
                    double elapsed = Stopwatch.GetTimestamp() - Interlocked.Read(ref timestamp);
                    return Math.Max(utc / TimeSpan.TicksPerMillisecond, (long)(elapsed * 1000 / Stopwatch.Frequency));
                }
            }

            internal void Renew()
            {
                Interlocked.Exchange(ref utcTicks, DateTime.UtcNow.Ticks);
                Interlocked.Exchange(ref timestamp, Stopwatch.GetTimestamp());
            }
        }
    }
}
