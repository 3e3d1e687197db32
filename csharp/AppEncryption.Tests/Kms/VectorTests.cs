using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using Microsoft.Extensions.Logging.Abstractions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using PlugIn = GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementService;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>Records whose system keys canonical Go has wrapped with AWS KMS, read through managed clients that work
    /// as the vectors say.</summary>
    public sealed class VectorTests
    {
        private const string Prefix = "fake-kms:";

        public static TheoryData<string, string> Cases
        {
            get
            {
                var cases = new TheoryData<string, string>();
                foreach (string file in new[] { "aws-kms-v1.json", "aws-kms-v2.json" })
                {
                    foreach (JToken c in Read(file)["cases"].Where(c => (bool?)c["normative"] != false))
                    {
                        cases.Add(file, (string)c["name"]);
                    }
                }

                return cases;
            }
        }

        [Theory]
        [MemberData(nameof(Cases))]
        public void Case(string file, string name)
        {
            JObject vectors = Read(file);
            JToken c = vectors["cases"].Single(t => (string)t["name"] == name);
            var store = new InMemoryMetastoreImpl<JObject>();
            foreach (JToken row in vectors["metastore"])
            {
                store.Store(
                    (string)row["id"],
                    DateTimeOffset.FromUnixTimeSeconds((long)row["created"]),
                    JObject.Parse((string)row["key_record"]));
            }

            using SessionFactory factory = SessionFactory.NewBuilder(
                    (string)vectors["product"], (string)vectors["service"])
                .WithMetastore(store)
                .WithNeverExpiredCryptoPolicy()
                .WithKeyManagementService(NewKms(c["override"]?["kms"] ?? vectors["kms"]))
                .Build();
            using Session<byte[], byte[]> session = factory.GetSessionBytes((string)c["partition"]);
            byte[] record = TestSetup.Bytes((string)c["drr"]);
            if ((string)c["expect"] == "ok")
            {
                Assert.Equal(Convert.FromBase64String((string)c["plaintext_base64"]), session.Decrypt(record));
            }
            else
            {
                Assert.ThrowsAny<Exception>(() => session.Decrypt(record));
            }
        }

        [Fact]
        public void ThereAreAllOfThem()
        {
            Assert.Equal(52, Cases.Count);
        }

        private static JObject Read(string file)
        {
            using var reader = new JsonTextReader(
                new StringReader(File.ReadAllText(TestSetup.Repository("tests/vectors/" + file))))
            {
                DateParseHandling = DateParseHandling.None,
            };
            return JObject.Load(reader);
        }

        private static IKeyManagementService NewKms(JToken kms)
        {
            string preferred = (string)kms["preferred_region"];
            string[] down = kms["down_regions"]?.Select(r => (string)r).ToArray() ?? Array.Empty<string>();
            Dictionary<string, string> keys = kms["region_map"].ToObject<Dictionary<string, string>>();
            var clients = new Clients(region => NewClient(region, down.Contains(region)));
            if ((string)kms["type"] == "aws-fake-v1")
            {
#pragma warning disable CS0618 // What is obsolete is there still.
                return new AwsKeyManagementServiceImpl(
                    keys, preferred, new BouncyAes256GcmCrypto(), clients, null, null);
#pragma warning restore CS0618
            }

            return Services.Fill(
                PlugIn.NewBuilder().WithKmsClientFactory(clients),
                keys.OrderBy(k => k.Key == preferred ? 0 : 1).ToDictionary(k => k.Key, k => k.Value),
                NullLogger.Instance);
        }

        private static IAmazonKeyManagementService NewClient(string region, bool down)
        {
            return FakeClient.New(client => client.Decrypt = request =>
            {
                if (down)
                {
                    throw new DisabledException("down");
                }

                string blob = string.Concat(request.CiphertextBlob.ToArray().Select(b => (char)b));
                string[] parts = blob.StartsWith(Prefix, StringComparison.Ordinal)
                    ? blob.Substring(Prefix.Length).Split(':', 7)
                    : Array.Empty<string>();
                if (parts.Length != 7 || parts[3] != region)
                {
                    throw new InvalidCiphertextException("not here");
                }

                if (request.KeyId != null && request.KeyId != string.Join(":", parts.Take(6)))
                {
                    throw new IncorrectKeyException("another key");
                }

                byte[] plaintext = parts[6].Select(ch => (byte)(ch ^ 0x5a)).ToArray();
                return Task.FromResult(new DecryptResponse { Plaintext = new MemoryStream(plaintext) });
            });
        }
    }
}
