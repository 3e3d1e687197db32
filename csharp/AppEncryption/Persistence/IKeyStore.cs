using System;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>
    /// What a metastore of this assembly works through: the native library, or a managed client or provider. Times are
    /// in whole seconds, what is left over is dropped. Safe for use by many threads at once.
    /// </summary>
    internal interface IKeyStore
    {
        /// <summary>Returns the record with this id and time of creation; null if there is none.</summary>
        JObject Load(string keyId, DateTimeOffset created);

        /// <summary>Returns the record with this id that was created last; null if there is none.</summary>
        JObject LoadLatest(string keyId);

        /// <summary>Adds a record; false if there is one with this id and time of creation.</summary>
        bool Store(string keyId, DateTimeOffset created, JObject record);
    }
}
