using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>The SDK's own comparison, in its strict mode, of our assemblies with those made from the lists: all
    /// that it finds are the additions that are listed.</summary>
    public sealed class ApiCompatTests
    {
        private static readonly Regex Finding = new Regex(
            "error (CP\\d+): [^']*'([^']*)' (exists on (?<on>.*) but not on .*|to .* because it does not exist .*)$");

        public static TheoryData<string, string> Builds
        {
            get
            {
                var data = new TheoryData<string, string>();
                foreach (string assembly in Lists.Assemblies)
                {
                    data.Add(assembly, "net10.0");
                    data.Add(assembly, "netstandard2.0");
                }

                return data;
            }
        }

        [Theory]
        [MemberData(nameof(Builds))]
        public void NothingIsFoundButTheAdditions(string assembly, string framework)
        {
            string additions = File.ReadAllText(Lists.Additions(assembly));
            string ours = Lists.Built(assembly, framework);
            foreach (string line in Compare(Lists.Reference(assembly), ours, framework))
            {
                Match finding = Finding.Match(line);
                bool added = finding.Success && (!finding.Groups["on"].Success || finding.Groups["on"].Value == ours);
                string name = finding.Groups[2].Value.Split('(')[0];
                Assert.True(added && additions.Contains(name, StringComparison.Ordinal), line);
            }
        }

        /// <summary>The other way round the additions are missing.</summary>
        [Fact]
        public void WhatIsMissingIsFound()
        {
            string ours = Lists.Built("AppEncryption", "net10.0");
            string[] lines = Compare(ours, Lists.Reference("AppEncryption"), "net10.0");
            Assert.Contains(lines, line => line.Contains(
                "PooledBuffer' exists on " + ours + " but not on", StringComparison.Ordinal));
        }

        // Returns the lines that name a difference.
        private static string[] Compare(string left, string right, string framework)
        {
            string references = string.Join("%2c", new[]
            {
                Path.GetDirectoryName(typeof(object).Assembly.Location),
                Lists.Program,
            }.Concat(Lists.Assemblies.Select(name => Path.GetDirectoryName(Lists.Built(name, framework)))));
            using var process = Process.Start(new ProcessStartInfo("dotnet", new[]
            {
                "msbuild",
                "-nologo",
                "-nodeReuse:false",
                Path.Combine(Lists.Folder("PublicApi"), "ApiCompat.proj"),
                "-p:Left=" + left,
                "-p:Right=" + right,
                "-p:References=" + references,
            })
            {
                RedirectStandardOutput = true,
            });
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();

            // A type that is not found compares as equal to any other.
            Assert.DoesNotContain("Could not resolve reference", output, StringComparison.Ordinal);
            string[] lines = output.Split('\n')
                .Where(line => line.Contains("error CP", StringComparison.Ordinal))
                .Select(line => line.TrimEnd())
                .ToArray();
            Assert.True(lines.Length > 0 ? process.ExitCode != 0 : process.ExitCode == 0, output);
            return lines;
        }
    }
}
