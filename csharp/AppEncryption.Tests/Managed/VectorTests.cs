using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GoDaddy.Asherah.AppEncryption.Engines;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>The interoperability vectors of tests/vectors, on both engines: what canonical SDKs wrote is read, what
    /// they refuse is refused, by both for the same reason.</summary>
    public sealed class VectorTests
    {
        public static IEnumerable<object[]> Files =>
            Directory.GetFiles(TestSetup.Repository("tests/vectors"), "*.json")
                .Select(Path.GetFileName)
                .Where(name => name.StartsWith("static-", StringComparison.Ordinal) || name == "go-json-leniency.json")
                .Select(name => new object[] { name });

        [Theory]
        [MemberData(nameof(Files))]
        public void BothEnginesReadThem(string name)
        {
            JObject file = Read(name);
            int cases = 0;
            foreach (JObject vector in file["cases"])
            {
                string failure = Check(file, vector);
                Assert.True(failure == null, name + ", " + vector["name"] + ": " + failure);
                cases++;
            }

            Assert.True(cases > 10);
        }

        private static JObject Read(string name)
        {
            using var reader = new JsonTextReader(File.OpenText(TestSetup.Repository("tests/vectors/" + name)));
            reader.DateParseHandling = DateParseHandling.None;
            return JObject.Load(reader);
        }

        private static string Check(JObject file, JObject vector)
        {
            (string Outcome, string Failure) managed = Decrypt(file, vector, true);
            (string Outcome, string Failure) native = Decrypt(file, vector, false);
            if (managed != native)
            {
                return "native: " + native + ", managed: " + managed;
            }

            string expected = (string)vector["expect"] == "ok" ? (string)vector["plaintext_base64"] : "error";
            bool normative = (bool?)vector["normative"] ?? true;
            return !normative || managed.Outcome == expected ? null : managed + " instead of " + expected;
        }

        // The payload in base64, or "error" with the type of the exception.
        private static (string Outcome, string Failure) Decrypt(JObject file, JObject vector, bool managed)
        {
            var changed = vector["override"] as JObject ?? new JObject();
            JToken Setting(string name) => changed[name] ?? file[name];
            var rows = new KeyRows();
            foreach (JToken row in file["metastore"])
            {
                rows.TryAdd((string)row["id"], (long)row["created"], (string)row["key_record"]);
            }

            byte[] payload = null;
            Exception failure = Engine.Failure(() =>
            {
                using var kms = new RawKms(Convert.FromHexString((string)Setting("kms")["key_hex"] ?? string.Empty));
                using SessionFactory factory = Engine.New(
                    managed,
                    new RowStore(rows, (string)Setting("region_suffix") ?? string.Empty),
                    new TestPolicy(),
                    kms,
                    (string)Setting("product"),
                    (string)Setting("service"));
                using Session<byte[], byte[]> session = factory.GetSessionBytes((string)vector["partition"]);
                payload = session.Decrypt(TestSetup.Bytes((string)vector["drr"]));
            });
            Assert.IsNotType<DllNotFoundException>(failure);
            return failure == null ? (Convert.ToBase64String(payload), null) : ("error", failure.GetType().Name);
        }
    }
}
