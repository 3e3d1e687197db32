using System;
using System.Collections.Generic;
using GoDaddy.Asherah.AppEncryption.Persistence;
using LanguageExt;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>A metastore as an application writes one, that counts its calls and fails on demand.</summary>
    internal sealed class RowStore : IMetastore<JObject>
    {
        private readonly KeyRows rows;
        private readonly string suffix;
        private readonly List<string> calls = new List<string>();

        internal RowStore(KeyRows rows = null, string suffix = "")
        {
            this.rows = rows ?? new KeyRows();
            this.suffix = suffix;
        }

        internal KeyRows Rows => rows;

        /// <summary>Gets or sets what happens before the method of a name answers.</summary>
        internal Action<string> Before { get; set; }

        /// <summary>Gets or sets a value indicating whether keys are said to be there already, and are not
        /// stored.</summary>
        internal bool Refuses { get; set; }

        public Option<JObject> Load(string keyId, DateTimeOffset created)
        {
            Called("Load", keyId);
            return Prelude.Optional(rows.Find(keyId, created.ToUnixTimeSeconds()));
        }

        public Option<JObject> LoadLatest(string keyId)
        {
            Called("LoadLatest", keyId);
            return Prelude.Optional(rows.FindLast(keyId));
        }

        public bool Store(string keyId, DateTimeOffset created, JObject value)
        {
            Called("Store", keyId);
            return !Refuses && rows.TryAdd(keyId, created.ToUnixTimeSeconds(), value.ToString(Formatting.None));
        }

        public string GetKeySuffix()
        {
            Called("GetKeySuffix", "____");
            return suffix;
        }

        /// <summary>Returns the calls since the last time, such as "Load IK".</summary>
        internal string TakeCalls()
        {
            lock (calls)
            {
                string taken = string.Join(", ", calls);
                calls.Clear();
                return taken;
            }
        }

        private void Called(string method, string keyId)
        {
            lock (calls)
            {
                calls.Add((method + " " + keyId.Substring(1, 2).Trim('_')).Trim());
            }

            Before?.Invoke(method);
        }
    }
}
