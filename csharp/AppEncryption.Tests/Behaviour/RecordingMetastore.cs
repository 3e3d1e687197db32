using System;
using System.Collections.Generic;
using System.Linq;
using GoDaddy.Asherah.AppEncryption.Persistence;
using LanguageExt;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>A user's metastore that writes down how it is called: <c>Load IK</c>, <c>Store SK</c>. What it is given
    /// to throw it throws.</summary>
    internal sealed class RecordingMetastore : IMetastore<JObject>
    {
        private readonly SortedDictionary<(string Id, DateTimeOffset Created), JObject> records =
            new SortedDictionary<(string Id, DateTimeOffset Created), JObject>();

        private readonly List<string> calls = new List<string>();

        internal string Suffix { get; set; } = string.Empty;

        /// <summary>Gets or sets what is asked before each call, by its name.</summary>
        internal Action<string> Before { get; set; } = name => { };

        /// <summary>Gets or sets whether a store is refused as if the key were there.</summary>
        internal bool RefusesToStore { get; set; }

        internal IReadOnlyList<KeyValuePair<(string Id, DateTimeOffset Created), JObject>> Records
        {
            get
            {
                lock (calls)
                {
                    return records.ToArray();
                }
            }
        }

        public Option<JObject> Load(string keyId, DateTimeOffset created)
        {
            Write("Load " + Kind(keyId));
            lock (calls)
            {
                return records.TryGetValue((keyId, created), out JObject record) ? record : Option<JObject>.None;
            }
        }

        public Option<JObject> LoadLatest(string keyId)
        {
            Write("LoadLatest " + Kind(keyId));
            lock (calls)
            {
                JObject found = records.Where(pair => pair.Key.Id == keyId).Select(pair => pair.Value).LastOrDefault();
                return found == null ? Option<JObject>.None : found;
            }
        }

        public bool Store(string keyId, DateTimeOffset created, JObject value)
        {
            Write("Store " + Kind(keyId));
            lock (calls)
            {
                return !RefusesToStore && records.TryAdd((keyId, created), value);
            }
        }

        public string GetKeySuffix()
        {
            Write("GetKeySuffix");
            return Suffix;
        }

        /// <summary>Returns the calls since the last time, joined by a comma.</summary>
        internal string Calls()
        {
            lock (calls)
            {
                string text = string.Join(", ", calls);
                calls.Clear();
                return text;
            }
        }

        /// <summary>Takes all keys back in time, by what their records say.</summary>
        internal void Age(TimeSpan by)
        {
            Age(by, true);
        }

        /// <summary>Takes the system keys back in time, and what intermediate keys say of them.</summary>
        internal void AgeSystemKeys(TimeSpan by)
        {
            Age(by, false);
        }

        /// <summary>Removes the keys of a kind.</summary>
        internal void Remove(string kind)
        {
            lock (calls)
            {
                foreach ((string Id, DateTimeOffset Created) key in records.Keys.Where(k => Kind(k.Id) == kind).ToArray())
                {
                    records.Remove(key);
                }
            }
        }

        /// <summary>Marks the keys of a kind as revoked.</summary>
        internal void Revoke(string kind)
        {
            lock (calls)
            {
                foreach (JObject record in records.Where(pair => Kind(pair.Key.Id) == kind).Select(pair => pair.Value))
                {
                    record["Revoked"] = true;
                }
            }
        }

        private static string Kind(string keyId)
        {
            return keyId.StartsWith("_SK_", StringComparison.Ordinal) ? "SK" : "IK";
        }

        private void Age(TimeSpan by, bool all)
        {
            lock (calls)
            {
                KeyValuePair<(string Id, DateTimeOffset Created), JObject>[] young = records.ToArray();
                records.Clear();
                foreach (((string id, DateTimeOffset created), JObject record) in young)
                {
                    var copy = (JObject)record.DeepClone();
                    bool aged = all || Kind(id) == "SK";
                    if (aged)
                    {
                        copy["Created"] = (long)copy["Created"] - (long)by.TotalSeconds;
                    }

                    if (copy["ParentKeyMeta"] is JObject parent)
                    {
                        parent["Created"] = (long)parent["Created"] - (long)by.TotalSeconds;
                    }

                    records.Add((id, aged ? created - by : created), copy);
                }
            }
        }

        private void Write(string call)
        {
            lock (calls)
            {
                calls.Add(call);
            }

            Before(call);
        }
    }
}
