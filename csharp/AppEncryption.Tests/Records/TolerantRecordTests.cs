using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Records
{
    /// <summary>What canonical Asherah reads: refused, unless the switch is on.</summary>
    public sealed class TolerantRecordTests : IDisposable
    {
        private const string Switch = "GoDaddy.Asherah.TolerantRecords";

        private readonly TempDirectory directory = new();
        private readonly byte[] payload = TestSetup.Pattern(100);
        private readonly string record;

        public TolerantRecordTests()
        {
            using SessionFactory factory = NewFactory(tolerant: false);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            record = TestSetup.Text(session.Encrypt(payload));
        }

        public void Dispose()
        {
            directory.Dispose();
        }

        [Theory]
        [InlineData("trailing text")]
        [InlineData("a second object")]
        [InlineData("byte order mark")]
        [InlineData("comments")]
        [InlineData("single quotes")]
        [InlineData("a member twice")]
        [InlineData("a number in quotes")]
        [InlineData("line breaks in base64")]
        public async Task IsReadWithTheSwitchAndRefusedWithout(string kind)
        {
            byte[] text = TestSetup.Bytes(Change(kind));
            using (SessionFactory strict = NewFactory(tolerant: false))
            using (Session<byte[], byte[]> session = strict.GetSessionBytes("partition"))
            {
                Assert.ThrowsAny<Exception>(() => session.Decrypt(text));
            }

            using SessionFactory factory = NewFactory(tolerant: true);
            using Session<byte[], byte[]> tolerant = factory.GetSessionBytes("partition");
            Assert.Equal(payload, tolerant.Decrypt(text));
            Assert.Equal(payload, await tolerant.DecryptAsync(text));
            using var buffer = new PooledBuffer();
            tolerant.Decrypt(text, buffer);
            Assert.Equal(payload, buffer.WrittenSpan.ToArray());
            Assert.Equal(payload, tolerant.DecryptBatch(new[] { text })[0].Value);
        }

        [Fact]
        public async Task ObjectsToo()
        {
            using SessionFactory factory = NewFactory(tolerant: true);
            using Session<byte[], JObject> session = factory.GetSessionBytesAsJson("partition");
            JObject changed = JObject.Parse(record);
            changed["Key"]["Created"] = (string)changed["Key"]["Created"];
            changed["Unknown"] = new JArray(1);
            changed["Data"] = ((string)changed["Data"]).Insert(20, "\r\n");
            Assert.Equal(payload, session.Decrypt(changed));
            Assert.Equal(payload, await session.DecryptAsync(changed));
        }

        [Fact]
        public async Task WhatCanonicalRefusesIsRefusedStill()
        {
            using SessionFactory factory = NewFactory(tolerant: true);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Throws<JsonReaderException>(() => session.Decrypt(TestSetup.Bytes("no JSON")));
            Assert.Throws<ArgumentNullException>("buffer", () => session.Decrypt(null));
            foreach (string path in new[] { "Key", "Data", "Key.Key", "Key.Created", "Key.ParentKeyMeta.KeyId" })
            {
                JObject changed = JObject.Parse(record);
                changed.SelectToken(path).Parent.Remove();
                var e = Assert.Throws<AppEncryptionException>(() => session.Decrypt(Utf8(changed)));
                Assert.Contains(" no " + path + ".", e.Message, StringComparison.Ordinal);
                Assert.IsType<NullReferenceException>(e.InnerException);
            }

            JObject orphan = JObject.Parse(record);
            orphan.SelectToken("Key.ParentKeyMeta").Parent.Remove();
            Assert.Throws<MetadataMissingException>(() => session.Decrypt(Utf8(orphan)));
            JObject other = JObject.Parse(record);
            other["key"] = other["Key"];
            other.Remove("Key");
            Assert.Throws<AppEncryptionException>(() => session.Decrypt(Utf8(other)));
            JObject bad = JObject.Parse(record);
            bad["Data"] = "!";
            Task<byte[]> call = session.DecryptAsync(Utf8(bad));
            await Assert.ThrowsAsync<FormatException>(() => call);
        }

        [Fact]
        public void TheSwitchIsReadWhenAFactoryIsMade()
        {
            using SessionFactory factory = NewFactory(tolerant: true);
            AppContext.SetSwitch(Switch, false);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Equal(payload, session.Decrypt(TestSetup.Bytes(record + "x")));
        }

        private static byte[] Utf8(JObject value)
        {
            return TestSetup.Bytes(value.ToString());
        }

        private string Change(string kind)
        {
            switch (kind)
            {
                case "trailing text":
                    return record + " and more";
                case "a second object":
                    return record + "{}";
                case "byte order mark":
                    return "\ufeff" + record;
                case "comments":
                    return record.Replace(",", ",/* a comment */", StringComparison.Ordinal);
                case "single quotes":
                    return record.Replace('"', '\'');
                case "a member twice":
                    return record.Insert(1, "\"Data\":\"\",");
                case "a number in quotes":
                    return System.Text.RegularExpressions.Regex.Replace(record, "([0-9]{10})", "\"$1\"");
                default:
                    return record.Insert(record.Length - 20, "\\r\\n");
            }
        }

        private SessionFactory NewFactory(bool tolerant)
        {
            AppContext.SetSwitch(Switch, tolerant);
            try
            {
                return TestSetup.NewSqliteFactory(directory.File("keys.db"));
            }
            finally
            {
                AppContext.SetSwitch(Switch, false);
            }
        }
    }
}
