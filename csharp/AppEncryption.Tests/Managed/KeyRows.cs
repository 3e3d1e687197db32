using System;
using System.Collections.Generic;
using System.Linq;
using GoDaddy.Asherah.AppEncryption.Engines;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>The rows of a metastore as text, which several stores of different suffixes may show.</summary>
    internal sealed class KeyRows
    {
        private readonly Dictionary<string, SortedDictionary<long, string>> rows =
            new Dictionary<string, SortedDictionary<long, string>>(StringComparer.Ordinal);

        internal IReadOnlyList<(string Id, long Created, string Text)> All
        {
            get
            {
                lock (rows)
                {
                    return rows.SelectMany(id => id.Value.Select(row => (id.Key, row.Key, row.Value))).ToList();
                }
            }
        }

        internal bool TryAdd(string id, long created, string text)
        {
            lock (rows)
            {
                if (!rows.TryGetValue(id, out SortedDictionary<long, string> found))
                {
                    rows.Add(id, found = new SortedDictionary<long, string>());
                }

                return found.TryAdd(created, text);
            }
        }

        internal void Put(string id, long created, string text)
        {
            lock (rows)
            {
                rows[id][created] = text;
            }
        }

        internal void Delete(string id, long created)
        {
            lock (rows)
            {
                rows[id].Remove(created);
            }
        }

        internal void Revoke(string id, long created)
        {
            lock (rows)
            {
                JObject record = JObject.Parse(rows[id][created]);
                record["Revoked"] = true;
                rows[id][created] = record.ToString(Newtonsoft.Json.Formatting.None);
            }
        }

        internal JObject Find(string id, long created)
        {
            lock (rows)
            {
                return rows.TryGetValue(id, out SortedDictionary<long, string> found) &&
                    found.TryGetValue(created, out string text) ? Parse(text) : null;
            }
        }

        internal JObject FindLast(string id)
        {
            lock (rows)
            {
                return rows.TryGetValue(id, out SortedDictionary<long, string> found) && found.Count > 0
                    ? Parse(found.Last().Value)
                    : null;
            }
        }

        // As a store would that reads its rows as strictly as the library does.
        private static JObject Parse(string text)
        {
            return StrictJson.IsObject(text) ? JObject.Parse(text) : throw new FormatException("The row is no record.");
        }
    }
}
