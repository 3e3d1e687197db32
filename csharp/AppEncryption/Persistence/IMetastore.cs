using System;
using LanguageExt;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>
    /// Keeps the key records of system keys and intermediate keys. Safe for use by many threads at once.
    /// </summary>
    /// <typeparam name="T">What a record is: a JObject for session factories.</typeparam>
    public interface IMetastore<T>
    {
        /// <summary>Returns the record with this id and time of creation.</summary>
        /// <param name="keyId">The id of the key.</param>
        /// <param name="created">When the key was made.</param>
        /// <returns>The record; none if there is no such record. A store that cannot be asked throws: for none a new
        /// key would be made.</returns>
        Option<T> Load(string keyId, DateTimeOffset created);

        /// <summary>Returns the record with this id that was created last.</summary>
        /// <param name="keyId">The id of the key.</param>
        /// <returns>As for <see cref="Load"/>.</returns>
        Option<T> LoadLatest(string keyId);

        /// <summary>Adds a record unless there is one with this id and time of creation.</summary>
        /// <param name="keyId">The id of the key.</param>
        /// <param name="created">When the key was made.</param>
        /// <param name="value">The record.</param>
        /// <returns>True if it was added; false if there is such a record, which stays as it is. Other failures are
        /// exceptions.</returns>
        bool Store(string keyId, DateTimeOffset created, T value);

        /// <summary>Returns what the ids of keys end in, such as a region.</summary>
        /// <returns>The suffix; empty for none.</returns>
        string GetKeySuffix();
    }
}
