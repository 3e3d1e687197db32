using System;
using System.IO;
using System.Linq;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>Our assemblies against the lists of what canonical ones offer.</summary>
    public sealed class SurfaceTests
    {
        private static readonly string[] Frameworks = { "netstandard2.0", "net8.0", "net9.0", "net10.0" };

        public static TheoryData<string, string> Builds
        {
            get
            {
                var data = new TheoryData<string, string>();
                foreach (string assembly in Lists.Assemblies)
                {
                    foreach (string framework in Frameworks)
                    {
                        data.Add(assembly, framework);
                    }
                }

                return data;
            }
        }

        [Theory]
        [MemberData(nameof(Builds))]
        public void NoLineOfTheListIsMissingOrChanged(string assembly, string framework)
        {
            SurfaceList listed = Lists.Read(assembly);
            Assert.NotEqual(0, listed.Types);
            using AssemblySurface surface = Lists.Open(assembly, framework);
            string missing = listed.Beyond(surface.Render()).ToString();
            Assert.True(missing.Length == 0, "Missing or changed:\n" + missing);
        }

        [Theory]
        [MemberData(nameof(Builds))]
        public void TheNameAndTheVersionAreThoseOfTheList(string assembly, string framework)
        {
            using AssemblySurface surface = Lists.Open(assembly, framework);
            Assert.Equal(Lists.Read(assembly).Identity, surface.Identity);
        }

        /// <summary>What is offered beyond the lists is written down, so that it grows on purpose only.
        /// <c>ASHERAH_WRITE_ADDITIONS=1</c> writes it.</summary>
        [Theory]
        [MemberData(nameof(Builds))]
        public void AdditionsAreListed(string assembly, string framework)
        {
            using AssemblySurface surface = Lists.Open(assembly, framework);
            SurfaceList additions = surface.Render().Beyond(Lists.Read(assembly));
            string path = Lists.Additions(assembly);
            if (Environment.GetEnvironmentVariable("ASHERAH_WRITE_ADDITIONS") == "1")
            {
                File.WriteAllText(path, "# " + assembly + ".dll beyond PUBLIC_API." + assembly + ".txt\n" + additions);
            }

            string listed = SurfaceList.Read(path).ToString();
            Assert.True(listed == additions.ToString(), "Listed:\n" + listed + "\nThere are:\n" + additions);
        }

        /// <summary>Types of others in the surface are those of the packages that users have.</summary>
        [Theory]
        [MemberData(nameof(Builds))]
        public void ReferencesHaveTheIdentitiesOfTheRealPackages(string assembly, string framework)
        {
            using AssemblySurface surface = Lists.Open(assembly, framework);
            foreach (string[] known in new[]
            {
                new[] { "App.Metrics.Abstractions", "4.3.0.0", "0d5193a913d1b812" },
                new[] { "AWSSDK.Core", "4.0.0.0", "885c28607f98e604" },
                new[] { "AWSSDK.DynamoDBv2", "4.0.0.0", "885c28607f98e604" },
                new[] { "AWSSDK.KeyManagementService", "4.0.0.0", "885c28607f98e604" },
                new[] { "BouncyCastle.Cryptography", "2.0.0.0", "072edcf4a5328938" },
                new[] { "Newtonsoft.Json", "13.0.0.0", "30ad4fe6b2a6aeed" },
            })
            {
                string[] found = surface.References.Where(name => name.Name == known[0])
                    .Select(name => name.Version + " " + Convert.ToHexStringLower(name.GetPublicKeyToken()))
                    .ToArray();
                Assert.All(found, text => Assert.Equal(known[1] + " " + known[2], text));
            }
        }
    }
}
