using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>A surface as a list has it: lines of types, and indented below each those of its members.</summary>
    internal sealed class SurfaceList
    {
        private const string Indent = "    ";

        private readonly SortedDictionary<string, SortedSet<string>> types =
            new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);

        /// <summary>Gets the full name of the assembly, which a list has on its second line.</summary>
        internal string Identity { get; private set; }

        internal int Types => types.Count;

        internal int Members => types.Values.Sum(members => members.Count);

        internal static SurfaceList Read(string path)
        {
            string[] lines = File.ReadAllLines(path);
            var list = new SurfaceList
            {
                Identity = lines.Where(line => line.Contains(", Version=", StringComparison.Ordinal))
                    .Select(line => line.Substring(2)).FirstOrDefault(),
            };
            string type = null;
            foreach (string line in lines.Where(line => line.Length != 0 && line[0] != '#'))
            {
                if (line.StartsWith(Indent, StringComparison.Ordinal))
                {
                    list.types[type].Add(line.Substring(Indent.Length));
                }
                else
                {
                    type = line;
                    list.types.Add(type, new SortedSet<string>(StringComparer.Ordinal));
                }
            }

            return list;
        }

        internal void Add(string type, IEnumerable<string> members)
        {
            types.Add(type, new SortedSet<string>(members, StringComparer.Ordinal));
        }

        /// <summary>Returns what this surface has beyond another: types with all their members, and the members of types
        /// that both have.</summary>
        internal SurfaceList Beyond(SurfaceList other)
        {
            var list = new SurfaceList();
            foreach ((string type, SortedSet<string> members) in types)
            {
                bool known = other.types.TryGetValue(type, out SortedSet<string> theirs);
                string[] more = members.Where(member => !known || !theirs.Contains(member)).ToArray();
                if (!known || more.Length != 0)
                {
                    list.Add(type, more);
                }
            }

            return list;
        }

        /// <summary>Returns some of the types, each line written anew.</summary>
        internal SurfaceList Select(Func<string, bool> which, Func<string, string> line)
        {
            var list = new SurfaceList();
            foreach ((string type, SortedSet<string> members) in types.Where(pair => which(pair.Key)))
            {
                list.Add(line(type), members.Select(line));
            }

            return list;
        }

        public override string ToString()
        {
            return string.Concat(types.Select(pair =>
                pair.Key + "\n" + string.Concat(pair.Value.Select(member => Indent + member + "\n"))));
        }
    }
}
