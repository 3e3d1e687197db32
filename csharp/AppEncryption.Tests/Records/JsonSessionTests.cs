using System;
using System.Linq;
using System.Threading.Tasks;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Records
{
    /// <summary>What becomes of JSON on its way through sessions.</summary>
    public sealed class JsonSessionTests : IDisposable
    {
        private readonly SessionFactory factory = TestSetup.NewFactory();

        public void Dispose()
        {
            factory.Dispose();
        }

        [Theory]
        [InlineData("{\"date\":\"2024-02-29T12:00:00+01:00\"}", null)]
        [InlineData("{\"date\":\"2024-02-29T12:00:00Z\",\"old\":\"\\/Date(0)\\/\"}",
            "{\"date\":\"2024-02-29T12:00:00Z\",\"old\":\"/Date(0)/\"}")]
        [InlineData("{\"big\":123456789012345678901234567890}", null)]
        [InlineData("{\"number\":1.10}", "{\"number\":1.1}")]
        [InlineData("{\"z\":1,\"a\":{\"y\":2,\"b\":3}}", null)]
        [InlineData("{\"text\":\"Ünï €\ud83d\ude00\"}", null)]
        [InlineData("{\"text\":\"\\u00e4\"}", "{\"text\":\"ä\"}")]
        [InlineData("{ \"blank\" : [ ] }", "{\"blank\":[]}")]
        public void PayloadsComeBackAsCanonicalAsherahGivesThem(string text, string expected)
        {
            using Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            using Session<JObject, byte[]> json = factory.GetSessionJson("partition");
            using Session<JObject, JObject> both = factory.GetSessionJsonAsJson("partition");
            JObject payload = json.Decrypt(bytes.Encrypt(TestSetup.Bytes(text)));
            Assert.Equal(expected ?? text, payload.ToString(Formatting.None));
            Assert.Equal(expected ?? text, TestSetup.Text(bytes.Decrypt(json.Encrypt(payload))));
            Assert.Equal(expected ?? text, both.Decrypt(both.Encrypt(payload)).ToString(Formatting.None));
            Assert.DoesNotContain(payload.Descendants(), token => token.Type == JTokenType.Date);
        }

        [Fact]
        public void RecordsAreCompactAndOrdered()
        {
            using Session<byte[], JObject> json = factory.GetSessionBytesAsJson("pärtition");
            using Session<byte[], byte[]> bytes = factory.GetSessionBytes("pärtition");
            JObject record = json.Encrypt(new byte[10]);
            Assert.Equal(new[] { "Key", "Data" }, record.Properties().Select(p => p.Name));
            var key = (JObject)record["Key"];
            Assert.Equal(new[] { "Created", "Key", "ParentKeyMeta" }, key.Properties().Select(p => p.Name));
            var parent = (JObject)key["ParentKeyMeta"];
            Assert.Equal(new[] { "KeyId", "Created" }, parent.Properties().Select(p => p.Name));
            Assert.Equal("_IK_pärtition_service_product", (string)parent["KeyId"]);
            Assert.Equal(JTokenType.Integer, key["Created"].Type);
            string text = TestSetup.Text(bytes.Encrypt(new byte[10]));
            Assert.Equal(text, JObject.Parse(text).ToString(Formatting.None));
            Assert.Contains("_IK_pärtition_", text, StringComparison.Ordinal);
        }

        [Fact]
        public void ThePayloadGivenStaysAsItIs()
        {
            using Session<byte[], JObject> session = factory.GetSessionBytesAsJson("partition");
            byte[] payload = TestSetup.Pattern(100);
            session.Encrypt(payload);
            Assert.Equal(TestSetup.Pattern(100), payload);
        }

        [Fact]
        public async Task ColdAndWarmAsynchronousCallsGiveTheSame()
        {
            for (int i = 0; i < 2; i++)
            {
                using Session<JObject, JObject> both = factory.GetSessionJsonAsJson("another");
                using Session<JObject, byte[]> json = factory.GetSessionJson("another");
                var payload = new JObject { ["a"] = "2024-02-29T12:00:00Z" };
                JObject record = await both.EncryptAsync(payload);
                Assert.True(JToken.DeepEquals(payload, await both.DecryptAsync(record)));
                byte[] text = await json.EncryptAsync(payload);
                Assert.True(JToken.DeepEquals(payload, await json.DecryptAsync(text)));
            }
        }

        [Fact]
        public async Task FailuresAreInTheTask()
        {
            using Session<JObject, JObject> both = factory.GetSessionJsonAsJson("partition");
            using Session<JObject, byte[]> json = factory.GetSessionJson("partition");
            Task<JObject>[] calls =
            {
                both.EncryptAsync(null),
                both.DecryptAsync(null),
                both.DecryptAsync(new JObject()),
                json.DecryptAsync(null),
                json.DecryptAsync(new byte[1]),
            };
            Type[] expected =
            {
                typeof(ArgumentException),
                typeof(ArgumentException),
                typeof(Crypto.Exceptions.AppEncryptionException),
                typeof(ArgumentNullException),
                typeof(JsonReaderException),
            };
            for (int i = 0; i < calls.Length; i++)
            {
                await Assert.ThrowsAsync(expected[i], () => calls[i]);
            }
        }
    }
}
