using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>What the managed engine writes, in the form of canonical C#: the same as in
    /// tests/vectors/static-csharp.json, which the Go tests read, and which is written anew to the file that
    /// ASHERAH_WRITE_VECTORS names.</summary>
    public sealed class VectorWriterTests
    {
        private const string Base64 = "[A-Za-z0-9+/]+=?=?";

        private static readonly string[] Partitions = { "alpha", "b_c", "\u00fc<&>\u2028", "quote\"\\" };

        [Fact]
        public void RecordsHaveTheFormOfCanonicalCSharp()
        {
            JObject made = Make();
            string target = Environment.GetEnvironmentVariable("ASHERAH_WRITE_VECTORS");
            if (!string.IsNullOrEmpty(target))
            {
                File.WriteAllText(target, made.ToString(Formatting.Indented) + "\n");
            }

            JObject kept = JObject.Parse(File.ReadAllText(TestSetup.Repository("tests/vectors/static-csharp.json")));
            foreach (JObject file in new[] { made, kept })
            {
                foreach (JObject row in file["metastore"])
                {
                    bool system = ((string)row["id"]).StartsWith("_SK_", StringComparison.Ordinal);
                    string parent = system ? string.Empty : "\"ParentKeyMeta\":\\{\"KeyId\":\"_SK_orders_shop\",\"Created\":[0-9]+\\},";
                    Assert.Matches(
                        "^\\{\"Created\":" + row["created"] + ",\"Key\":\"" + Base64 + "\"," + parent + "\"Revoked\":false\\}$",
                        (string)row["key_record"]);
                }

                foreach (JObject vector in file["cases"])
                {
                    string id = JsonConvert.ToString("_IK_" + vector["partition"] + "_orders_shop");
                    Assert.Matches(
                        "^\\{\"Key\":\\{\"Created\":[0-9]+,\"Key\":\"" + Base64 + "\",\"ParentKeyMeta\":\\{\"KeyId\":" +
                        Regex.Escape(id) + ",\"Created\":[0-9]+\\}\\},\"Data\":\"" + Base64 + "\"\\}$",
                        (string)vector["drr"]);
                }
            }
        }

        private static JObject Make()
        {
            const string Key = "csharp-cases-static-master-key-1";
            var rows = new KeyRows();
            var cases = new JArray();
            using (var kms = new RawKms(TestSetup.Bytes(Key)))
            using (SessionFactory factory = Engine.New(true, new RowStore(rows), new TestPolicy(), kms, "shop", "orders"))
            {
                foreach (string partition in Partitions)
                {
                    using Session<byte[], byte[]> session = factory.GetSessionBytes(partition);
                    foreach (int size in new[] { 0, 1, 100 })
                    {
                        byte[] payload = TestSetup.Pattern(size);
                        cases.Add(new JObject
                        {
                            ["name"] = "partition " + (cases.Count / 3) + ", " + size + " bytes",
                            ["partition"] = partition,
                            ["drr"] = TestSetup.Text(session.Encrypt(payload)),
                            ["expect"] = "ok",
                            ["plaintext_base64"] = Convert.ToBase64String(payload),
                        });
                    }
                }
            }

            return new JObject
            {
                ["description"] = "Written by the managed engine of the C# packages, in the form of canonical C#: " +
                    "key records carry Revoked:false, texts are not escaped more than JSON asks for.",
                ["source"] = "csharp/AppEncryption.Tests/Managed/VectorWriterTests.cs",
                ["service"] = "orders",
                ["product"] = "shop",
                ["kms"] = new JObject
                {
                    ["type"] = "static",
                    ["key_utf8"] = Key,
                    ["key_hex"] = string.Concat(Encoding.UTF8.GetBytes(Key).Select(b => b.ToString("x2"))),
                },
                ["metastore"] = new JArray(rows.All.Select(row => new JObject
                {
                    ["id"] = row.Id,
                    ["created"] = row.Created,
                    ["created_utc"] = DateTimeOffset.FromUnixTimeSeconds(row.Created).ToString("yyyy-MM-dd HH:mm:ss"),
                    ["key_record"] = row.Text,
                    ["edited"] = true, // not as the Go SDK writes it
                })),
                ["cases"] = cases,
            };
        }
    }
}
