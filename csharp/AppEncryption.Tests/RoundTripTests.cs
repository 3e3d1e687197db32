using System;
using System.Collections.Generic;
using System.Numerics;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    public sealed class RoundTripTests : IDisposable
    {
        private readonly SessionFactory factory = TestSetup.NewFactory();

        public static IEnumerable<object[]> Sizes()
        {
            for (int size = 0; size <= 70; size++)
            {
                yield return new object[] { size };
            }

            foreach (int size in new[] { 1023, 1024, 1025, 65535, 65536, 65537, 1 << 20, (1 << 20) + 1, 10_000_000 })
            {
                yield return new object[] { size };
            }
        }

        public void Dispose()
        {
            factory.Dispose();
        }

        [Theory]
        [MemberData(nameof(Sizes))]
        public void BytesComeBack(int size)
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] payload = TestSetup.Pattern(size);
            byte[] copy = (byte[])payload.Clone();
            for (int i = 0; i < 3; i++)
            {
                byte[] record = session.Encrypt(payload);
                Assert.Equal(copy, payload);
                Assert.Equal(copy, session.Decrypt(record));
            }
        }

        [Fact]
        public void SizesMayChangeFromCallToCall()
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            var random = new Random(7);
            for (int i = 0; i < 2000; i++)
            {
                byte[] payload = TestSetup.Pattern(random.Next(3000));
                Assert.Equal(payload, session.Decrypt(session.Encrypt(payload)));
            }
        }

        [Fact]
        public void TheRecordHasTheCanonicalForm()
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes("ä\"\\");
            string text = TestSetup.Text(session.Encrypt(new byte[] { 1, 2, 3 }));
            Assert.Matches(
                "^\\{\"Key\":\\{\"Created\":[0-9]{10},\"Key\":\"[A-Za-z0-9+/]{80}\",\"ParentKeyMeta\":\\{\"KeyId\":\"" +
                "_IK_ä\\\\\"\\\\\\\\_service_product\",\"Created\":[0-9]{10}\\}\\}," +
                "\"Data\":\"[A-Za-z0-9+/]{42}==\"\\}$",
                text);
        }

        [Fact]
        public void TwoRecordsOfOnePayloadDiffer()
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.NotEqual(session.Encrypt(new byte[16]), session.Encrypt(new byte[16]));
        }

        [Fact]
        public void AnotherSessionOfThePartitionReads()
        {
            byte[] record;
            using (Session<byte[], byte[]> writer = factory.GetSessionBytes("partition"))
            {
                record = writer.Encrypt(TestSetup.Bytes("text"));
            }

            using Session<byte[], byte[]> reader = factory.GetSessionBytes("partition");
            Assert.Equal("text", TestSetup.Text(reader.Decrypt(record)));
        }

        [Fact]
        public void RecordsLaidOutDifferentlyAreRead()
        {
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] payload = TestSetup.Bytes("some payload");
            JObject record;
            do
            {
                // With a / in both, which JSON allows to be written with a backslash.
                record = JObject.Parse(TestSetup.Text(session.Encrypt(payload)));
            }
            while (!((string)record["Data"]).Contains('/') || !((string)record["Key"]["Key"]).Contains('/'));
            var turned = new JObject { ["Data"] = record["Data"], ["Key"] = record["Key"] };
            foreach (string text in new[]
            {
                record.ToString(Formatting.Indented),
                turned.ToString(Formatting.None),
                turned.ToString(Formatting.Indented),
                record.ToString(Formatting.None).Replace("/", "\\/", StringComparison.Ordinal),
                "  " + record.ToString(Formatting.None) + "\n",
                record.ToString(Formatting.None),
            })
            {
                Assert.Equal(payload, session.Decrypt(TestSetup.Bytes(text)));
            }
        }

        [Fact]
        public void JsonPayloadsComeBackAsTheyWere()
        {
            using Session<JObject, byte[]> session = factory.GetSessionJson("partition");
            var payload = new JObject
            {
                ["date"] = "2024-02-29T12:00:00+01:00",
                ["big"] = new JValue(BigInteger.Parse("123456789012345678901234567890")),
                ["text"] = "Ünï\u0000\ud83d\ude00\"\\",
                ["nested"] = new JObject { ["list"] = new JArray(1, 2.5, null, true) },
            };
            JObject back = session.Decrypt(session.Encrypt(payload));
            Assert.True(JToken.DeepEquals(payload, back), back.ToString());
            Assert.Equal(JTokenType.String, back["date"].Type);
        }

        [Fact]
        public void AllFourKindsOfSessionReadEachOther()
        {
            using Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            using Session<JObject, byte[]> json = factory.GetSessionJson("partition");
            using Session<byte[], JObject> bytesAsJson = factory.GetSessionBytesAsJson("partition");
            using Session<JObject, JObject> jsonAsJson = factory.GetSessionJsonAsJson("partition");
            var payload = new JObject { ["a"] = 1 };
            Assert.Equal("{\"a\":1}", TestSetup.Text(bytes.Decrypt(json.Encrypt(payload))));
            JObject record = jsonAsJson.Encrypt(payload);
            Assert.Equal(new[] { "Key", "Data" }, Names(record));
            Assert.Equal("{\"a\":1}", TestSetup.Text(bytesAsJson.Decrypt(record)));
            byte[] own = TestSetup.Bytes("{\"b\":2}");
            Assert.True(JToken.DeepEquals(new JObject { ["b"] = 2 }, jsonAsJson.Decrypt(bytesAsJson.Encrypt(own))));
            Assert.Equal("{\"b\":2}", TestSetup.Text(own));
        }

        [Fact]
        public void EmptyPayloadsOfEveryKindComeBack()
        {
            using Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            using Session<JObject, byte[]> json = factory.GetSessionJson("partition");
            using Session<byte[], JObject> bytesAsJson = factory.GetSessionBytesAsJson("partition");
            Assert.Empty(bytes.Decrypt(bytes.Encrypt(Array.Empty<byte>())));
            Assert.Empty(bytesAsJson.Decrypt(bytesAsJson.Encrypt(Array.Empty<byte>())));
            Assert.Empty(json.Decrypt(json.Encrypt(new JObject())));
        }

        [Fact]
        public void APayloadThatIsNoJsonIsNotForAJsonSession()
        {
            using Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            using Session<JObject, byte[]> json = factory.GetSessionJson("partition");
            Assert.Throws<JsonReaderException>(() => json.Decrypt(bytes.Encrypt(TestSetup.Bytes("no JSON"))));
            Assert.Throws<JsonReaderException>(() => json.Decrypt(bytes.Encrypt(new byte[] { 0x7b, 0xff, 0x7d })));
        }

        private static List<string> Names(JObject value)
        {
            var names = new List<string>();
            foreach (JProperty property in value.Properties())
            {
                names.Add(property.Name);
            }

            return names;
        }
    }
}
