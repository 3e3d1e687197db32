using System;
using System.Collections.Generic;
using System.Linq;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Envelope;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.Util;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>The texts of records, written and read.</summary>
    public sealed class RecordTextTests
    {
        private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeSeconds(1534553054);

        [Fact]
        public void KeyRecordsAreWrittenInTheCanonicalOrder()
        {
            var parent = new KeyMeta("some_key_id", Time.AddSeconds(-1));
            Assert.Equal(
                "{\"Created\":1534553054,\"Key\":\"AAE=\",\"ParentKeyMeta\":{\"KeyId\":\"some_key_id\",\"Created\":1534553053}," +
                "\"Revoked\":false}",
                Text(new EnvelopeKeyRecord(Time, parent, new byte[] { 0, 1 }, false)));
            Assert.Equal(
                "{\"Created\":1534553054,\"Key\":\"AAE=\"}",
                Text(new EnvelopeKeyRecord(Time, null, new byte[] { 0, 1 })));

            static string Text(EnvelopeKeyRecord record)
            {
                return new Json(record.ToJson()).ToJsonString();
            }
        }

        [Fact]
        public void KeyRecordsAreRead()
        {
            var written = new EnvelopeKeyRecord(Time, new KeyMeta("id", Time), new byte[] { 1, 2 }, true);
            var read = new EnvelopeKeyRecord(new Json(written.ToJson()));
            Assert.Equal(Time, read.Created);
            Assert.Equal(new KeyMeta("id", Time), (KeyMeta)read.ParentKeyMeta);
            Assert.True((bool)read.Revoked);
            Assert.Equal(new byte[] { 1, 2 }, read.EncryptedKey);
            read = new EnvelopeKeyRecord(new Json(JObject.Parse("{\"Created\":1,\"Key\":\"AAE=\",\"ParentKeyMeta\":null}")));
            Assert.True(read.ParentKeyMeta.IsNone);
            Assert.True(read.Revoked.IsNone);
        }

        [Fact]
        public void JsonKeepsWhatIsPutIn()
        {
            var json = new Json();
            json.Put("time", Time);
            json.Put("text", "\u00fc<>&");
            json.Put("bytes", new byte[] { 255 });
            json.Put("flag", true);
            json.Put("object", new Json(new JObject { ["a"] = 1 }));
            json.Put("list", new List<JObject> { new JObject() });
            Assert.Equal(
                "{\"time\":1534553054,\"text\":\"\u00fc<>&\",\"bytes\":\"/w==\",\"flag\":true,\"object\":{\"a\":1},\"list\":[{}]}",
                json.ToJsonString());

            var read = new Json(json.ToUtf8());
            Assert.Equal(Time, read.GetDateTimeOffset("time"));
            Assert.Equal("\u00fc<>&", read.GetString("text"));
            Assert.Equal(new byte[] { 255 }, read.GetBytes("bytes"));
            Assert.True((bool)read.GetOptionalBoolean("flag"));
            Assert.Equal(1, (int)read.GetJson("object").ToJObject()["a"]);
            Assert.Single(read.GetJsonArray("list"));
            Assert.True(read.GetOptionalJson("none").IsNone);
            Assert.Equal("2020-01-01T00:00:00Z", new Json(TestSetup.Bytes("{\"d\":\"2020-01-01T00:00:00Z\"}")).GetString("d"));
        }

        [Fact]
        public void WhatIsMissingIsNamed()
        {
            var json = new Json();
            foreach (Action read in new Action[]
            {
                () => json.GetJson("Member"),
                () => json.GetString("Member"),
                () => json.GetBytes("Member"),
                () => json.GetDateTimeOffset("Member"),
                () => json.GetJsonArray("Member"),
            })
            {
                var e = Assert.Throws<AppEncryptionException>(read);
                Assert.Contains("Member", e.Message, StringComparison.Ordinal);
                Assert.IsType<NullReferenceException>(e.InnerException);
            }

            Assert.Throws<ArgumentException>(() => new Json((JObject)null));
            Assert.Throws<ArgumentNullException>("buffer", () => new Json((byte[])null));
            Assert.Throws<JsonReaderException>(() => new Json(TestSetup.Bytes("no object")));
            Assert.Throws<JsonReaderException>(() => new Json(Array.Empty<byte>()));
        }

        [Theory]
        [InlineData("{}")]
        [InlineData(" {\"a\" : [1, -0.5e+3, true, false, null, \"\\u00e9\\ud83d\\ude00\\n\"], \"b\":{\"a\":{}}}\r\n\t")]
        [InlineData("{\"a\":[],\"b\":[[],[{}]],\"\":0}")]
        public void OneObjectIsStrict(string text)
        {
            Assert.True(StrictJson.IsObject(text));
            JObject.Parse(text);
        }

        [Theory]
        [InlineData("")]
        [InlineData("[]")]
        [InlineData("1")]
        [InlineData("{")]
        [InlineData("{}}")]
        [InlineData("{} {}")]
        [InlineData("{}x")]
        [InlineData("\ufeff{}")]
        [InlineData("{'a':1}")]
        [InlineData("{a:1}")]
        [InlineData("{\"a\":1,}")]
        [InlineData("{,\"a\":1}")]
        [InlineData("{\"a\" 1}")]
        [InlineData("{\"a\":1 \"b\":2}")]
        [InlineData("{\"a\":1,\"a\":2}")]
        [InlineData("{\"a\":1,\"\\u0061\":2}")]
        [InlineData("{\"b\":{\"a\":1,\"a\":2}}")]
        [InlineData("{\"a\":01}")]
        [InlineData("{\"a\":1.}")]
        [InlineData("{\"a\":+1}")]
        [InlineData("{\"a\":0x10}")]
        [InlineData("{\"a\":NaN}")]
        [InlineData("{\"a\":nul}")]
        [InlineData("{\"a\":[1,]}")]
        [InlineData("{\"a\":[1}")]
        [InlineData("{\"a\":{\"b\":1]}")]
        [InlineData("{\"a\":\"\\x\"}")]
        [InlineData("{\"a\":\"\\ud800\"}")]
        [InlineData("{\"a\":\"\\u12g4\"}")]
        [InlineData("{\"a\":\"\\u 12\"}")]
        [InlineData("{\"a\":\"line\nend\"}")]
        [InlineData("{\"a\":\"open}")]
        [InlineData("{\"a\":/* comment */1}")]
        [InlineData("{\"a\":1}//")]
        [InlineData("{\"a\":1}\0")]
        public void AnythingElseIsNot(string text)
        {
            Assert.False(StrictJson.IsObject(text));
        }

        [Fact]
        public void DepthIsNoStack()
        {
            string deep = string.Concat(Enumerable.Repeat("{\"a\":[", 50_000));
            Assert.False(StrictJson.IsObject(deep));
            Assert.True(StrictJson.IsObject(deep + "0" + string.Concat(Enumerable.Repeat("]}", 50_000))));
        }

        [Theory]
        [InlineData("{\"Key\":\"AAE=\"}", typeof(AppEncryptionException))]
        [InlineData("{\"Created\":1}", typeof(AppEncryptionException))]
        [InlineData("{\"Created\":0,\"Key\":\"AAE=\"}", typeof(AppEncryptionException))]
        [InlineData("{\"Created\":9999999999999,\"Key\":\"AAE=\"}", typeof(AppEncryptionException))]
        [InlineData("{\"Created\":1,\"Key\":\"AAE\"}", typeof(FormatException))]
        [InlineData("{\"Created\":1,\"Key\":\"AAE=\",\"ParentKeyMeta\":{}}", typeof(AppEncryptionException))]
        [InlineData("{\"Created\":1,\"Key\":\"AAE=\",\"ParentKeyMeta\":{\"KeyId\":\"\",\"Created\":1}}", typeof(MetadataMissingException))]
        [InlineData("{\"Created\":1,\"Key\":\"AAE=\",\"ParentKeyMeta\":{\"KeyId\":\"id\",\"Created\":0}}", typeof(MetadataMissingException))]
        public void KeyRecordsOfStoresAreRead(string text, Type failure)
        {
            Assert.Throws(failure, () => KeyRecord.Read(JObject.Parse(text)));
        }
    }
}
