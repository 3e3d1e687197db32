using System;
using System.Collections.Generic;
using System.Data;
using LanguageExt;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>
    /// A metastore in the memory of this process, for tests: when the process ends, nothing can be decrypted any more.
    /// Safe for use by many threads at once.
    /// </summary>
    /// <remarks>
    /// It gives back the very objects that were stored, so that what a test changes in one, such as its revocation, is
    /// seen by everybody. The native library cannot hold such objects and asks this store through callbacks.
    /// <see cref="SessionFactory.IMetastoreStep.WithInMemoryMetastore"/>, whose store nobody else sees, is the native
    /// one.
    /// </remarks>
    /// <typeparam name="T">The type of the records.</typeparam>
    public class InMemoryMetastoreImpl<T> : IMetastore<T>, IDisposable
    {
        // By id, then by instant, the largest last.
        private readonly Dictionary<string, SortedList<long, T>> records =
            new Dictionary<string, SortedList<long, T>>(StringComparer.Ordinal);

        /// <summary>Initializes a new instance of the <see cref="InMemoryMetastoreImpl{T}"/> class.</summary>
        public InMemoryMetastoreImpl()
        {
        }

        /// <inheritdoc/>
        public virtual Option<T> Load(string keyId, DateTimeOffset created)
        {
            lock (records)
            {
                return Find(keyId) is SortedList<long, T> found && found.TryGetValue(created.UtcTicks, out T value)
                    ? value
                    : Option<T>.None;
            }
        }

        /// <inheritdoc/>
        public virtual Option<T> LoadLatest(string keyId)
        {
            lock (records)
            {
                return Find(keyId) is SortedList<long, T> found ? found.Values[found.Count - 1] : Option<T>.None;
            }
        }

        /// <summary>Adds a record unless there is one with this id and time of creation.</summary>
        /// <param name="keyId">The id of the key.</param>
        /// <param name="created">When the key was made: an instant, whatever its offset.</param>
        /// <param name="value">The record.</param>
        /// <returns>True if it was added; false if there is such a record, which stays as it is.</returns>
        /// <exception cref="NoNullAllowedException">The id is null.</exception>
        public virtual bool Store(string keyId, DateTimeOffset created, T value)
        {
            if (keyId == null)
            {
                throw new NoNullAllowedException("The key id is null.");
            }

            lock (records)
            {
                SortedList<long, T> found = Find(keyId);
                if (found == null)
                {
                    records.Add(keyId, new SortedList<long, T> { { created.UtcTicks, value } });
                    return true;
                }

                if (found.ContainsKey(created.UtcTicks))
                {
                    return false;
                }

                found.Add(created.UtcTicks, value);
                return true;
            }
        }

        /// <summary>Returns what the ids of keys end in.</summary>
        /// <returns>The empty string: nothing.</returns>
        public string GetKeySuffix()
        {
            return string.Empty;
        }

        /// <summary>Does nothing here: the store stays usable.</summary>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Does nothing here, and is for derived classes.</summary>
        /// <param name="disposing">True if it is called by <see cref="Dispose()"/>.</param>
        protected virtual void Dispose(bool disposing)
        {
        }

        private SortedList<long, T> Find(string keyId)
        {
            return keyId != null && records.TryGetValue(keyId, out SortedList<long, T> found) ? found : null;
        }
    }
}
