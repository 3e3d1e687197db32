using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>Where the lists and the assemblies are.</summary>
    internal static class Lists
    {
        private const string Prefix = "PUBLIC_API.";

#if DEBUG
        private const string Configuration = "Debug";
#else
        private const string Configuration = "Release";
#endif

        internal static IEnumerable<string> Assemblies => Directory.GetFiles(Folder("PublicApi"), Prefix + "*.txt")
            .Select(path => Path.GetFileNameWithoutExtension(path).Substring(Prefix.Length))
            .Order(StringComparer.Ordinal);

        /// <summary>Gets the folder of the program that is compiled against the lists.</summary>
        internal static string Program => Path.Combine(Folder("PublicApi.Program"), "bin", Configuration, "net10.0");

        internal static SurfaceList Read(string assembly)
        {
            return SurfaceList.Read(Path.Combine(Folder("PublicApi"), Prefix + assembly + ".txt"));
        }

        internal static string Additions(string assembly)
        {
            return Path.Combine(Folder("PublicApi"), "ADDITIONS." + assembly + ".txt");
        }

        internal static string Built(string assembly, string framework)
        {
            return Path.Combine(Folder(assembly), "bin", Configuration, framework, assembly + ".dll");
        }

        /// <summary>Opens one of our assemblies, whose internals the others may name.</summary>
        internal static AssemblySurface Open(string assembly, string framework)
        {
            var hidden = new HashSet<string>();
            foreach (string other in Assemblies.Where(other => other != assembly))
            {
                using var surface = new AssemblySurface(Built(other, framework));
                hidden.UnionWith(surface.Internals);
            }

            return new AssemblySurface(Built(assembly, framework), hidden);
        }

        internal static string Reference(string assembly)
        {
            return Path.Combine(
                Folder("PublicApi"), "References", "bin", assembly + ".Reference", Configuration, assembly + ".dll");
        }

        /// <summary>Returns a folder of csharp/.</summary>
        internal static string Folder(string name)
        {
            for (DirectoryInfo d = new DirectoryInfo(AppContext.BaseDirectory); d != null; d = d.Parent)
            {
                if (File.Exists(Path.Combine(d.FullName, "libasherah.slnx")))
                {
                    return Path.Combine(d.FullName, name);
                }
            }

            throw new DirectoryNotFoundException("There is no libasherah.slnx above the tests.");
        }
    }
}
