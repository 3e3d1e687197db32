using System;
using System.Collections.Generic;
using System.Linq;
using GoDaddy.Asherah.AppEncryption.Persistence;
using LanguageExt;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Callbacks
{
    /// <summary>A metastore as an application may write it. It keeps texts, and says what it was asked.</summary>
    internal sealed class MapMetastore : IMetastore<JObject>
    {
        private readonly Dictionary<(string Id, DateTimeOffset Created), string> rows =
            new Dictionary<(string Id, DateTimeOffset Created), string>();

        private readonly List<string> calls = new List<string>();

        /// <summary>Gets or sets what is called before each answer, with the method and the id.</summary>
        internal Action<string, string> Before { get; set; }

        /// <summary>Gets or sets a value indicating whether Store says that there is such a key already.</summary>
        internal bool RefuseToStore { get; set; }

        internal string Suffix { get; set; } = string.Empty;

        internal JObject LastStored { get; private set; }

        internal int Count
        {
            get
            {
                lock (rows)
                {
                    return rows.Count;
                }
            }
        }

        public Option<JObject> Load(string keyId, DateTimeOffset created)
        {
            Asked("Load", keyId);
            lock (rows)
            {
                return rows.TryGetValue((keyId, created), out string row) ? Parse(row) : Option<JObject>.None;
            }
        }

        public Option<JObject> LoadLatest(string keyId)
        {
            Asked("LoadLatest", keyId);
            lock (rows)
            {
                string row = rows.Where(pair => pair.Key.Id == keyId)
                    .OrderByDescending(pair => pair.Key.Created)
                    .Select(pair => pair.Value)
                    .FirstOrDefault();
                return row != null ? Parse(row) : Option<JObject>.None;
            }
        }

        public bool Store(string keyId, DateTimeOffset created, JObject value)
        {
            Asked("Store", keyId);
            lock (rows)
            {
                LastStored = value;
                return !RefuseToStore && rows.TryAdd((keyId, created), value.ToString(Formatting.None));
            }
        }

        public string GetKeySuffix()
        {
            Asked("GetKeySuffix", string.Empty);
            return Suffix;
        }

        /// <summary>Returns the calls since the last time, such as <c>LoadLatest IK</c>.</summary>
        internal string[] TakeCalls()
        {
            lock (calls)
            {
                string[] taken = calls.ToArray();
                calls.Clear();
                return taken;
            }
        }

        /// <summary>Changes all rows.</summary>
        internal void Change(Action<JObject> change)
        {
            lock (rows)
            {
                foreach ((string, DateTimeOffset) key in rows.Keys.ToArray())
                {
                    JObject row = Parse(rows[key]);
                    change(row);
                    rows[key] = row.ToString(Formatting.None);
                }
            }
        }

        private static JObject Parse(string row)
        {
            return JObject.Parse(row);
        }

        private void Asked(string method, string keyId)
        {
            lock (calls)
            {
                calls.Add((method + " " + (keyId.Length < 3 ? string.Empty : keyId.Substring(1, 2))).Trim());
            }

            Before?.Invoke(method, keyId);
        }
    }
}
