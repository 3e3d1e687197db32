using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>Wrong arguments and wrong records, on both engines.</summary>
    public sealed class MisuseTests
    {
        public static TheoryData<string> Engines => Engine.Both;

        [Theory]
        [MemberData(nameof(Engines))]
        public void NoPartitionIsRefusedCachedOrNot(string engine)
        {
            foreach (bool cached in new[] { false, true })
            {
                using SessionFactory factory = Engine.Build(engine, policy: new OwnPolicy { CachesSessions = cached });
                Assert.Throws<ArgumentNullException>(() => factory.GetSessionBytes(null));
                Assert.Throws<ArgumentNullException>(() => factory.GetSessionJsonAsJson(null));
                Assert.Throws<ArgumentException>(() => factory.GetSessionBytes(string.Empty));
            }
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void TheEmptyPartitionHasASwitch(string engine)
        {
            using var allowed = new SwitchScope("GoDaddy.Asherah.AllowEmptyPartition", true);
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> session = factory.GetSessionBytes(string.Empty);
            byte[] record = session.Encrypt(new byte[1]);
            Assert.Contains("\"_IK__service_product\"", TestSetup.Text(record), StringComparison.Ordinal);
            Assert.Equal(new byte[1], session.Decrypt(record));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void EncryptingNullHasTheCanonicalExceptions(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            using Session<JObject, byte[]> json = factory.GetSessionJson("partition");
            Assert.IsType<NullReferenceException>(
                Assert.Throws<AppEncryptionException>(() => bytes.Encrypt(null)).InnerException);
            var e = Assert.Throws<ArgumentException>(() => json.Encrypt(null));
            Assert.Contains("jObject is null", e.Message, StringComparison.Ordinal);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AnEmptyPayloadGoesRound(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            using Session<JObject, JObject> json = factory.GetSessionJsonAsJson("partition");
            Assert.Empty(bytes.Decrypt(bytes.Encrypt(Array.Empty<byte>())));
            Assert.Empty(json.Decrypt(json.Encrypt(new JObject())));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AsyncMethodsFailInTheirTask(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            Session<JObject, JObject> json = factory.GetSessionJsonAsJson("partition");
            AssertFaulted<AppEncryptionException>(bytes.EncryptAsync(null));
            AssertFaulted<ArgumentNullException>(bytes.DecryptAsync(null));
            AssertFaulted<ArgumentException>(json.EncryptAsync(null));
            AssertFaulted<ArgumentException>(json.DecryptAsync(null));
            AssertFaulted<JsonReaderException>(bytes.DecryptAsync(TestSetup.Bytes("x")));
            bytes.Dispose();
            json.Dispose();
            AssertFaulted<ObjectDisposedException>(bytes.EncryptAsync(new byte[1]));
            AssertFaulted<ObjectDisposedException>(json.EncryptAsync(new JObject()));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void DecryptingNullHasTheCanonicalExceptions(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            using Session<byte[], JObject> json = factory.GetSessionBytesAsJson("partition");
            Assert.Throws<ArgumentNullException>("buffer", () => bytes.Decrypt(null));
            Assert.Throws<ArgumentException>(() => json.Decrypt(null));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void WhatIsNoJsonObjectIsAReaderError(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            foreach (string text in new[] { string.Empty, "x", "[]", "1", "{" })
            {
                Assert.Throws<JsonReaderException>(() => session.Decrypt(TestSetup.Bytes(text)));
            }
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AMissingMemberIsNamed(string engine)
        {
            foreach (string path in new[]
            {
                "Key", "Data", "Key.Created", "Key.Key", "Key.ParentKeyMeta.KeyId", "Key.ParentKeyMeta.Created",
            })
            {
                var e = Assert.ThrowsAny<AppEncryptionException>(
                    () => DecryptChanged(engine, record => record.SelectToken(path).Parent.Remove()));
                Assert.IsType<NullReferenceException>(e.InnerException);
                Assert.Contains(path.Substring(path.LastIndexOf('.') + 1), e.Message, StringComparison.Ordinal);
            }
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void BadBase64IsAFormatError(string engine)
        {
            Assert.Throws<FormatException>(() => DecryptChanged(engine, record => record["Data"] = "*"));
            Assert.Throws<FormatException>(() => DecryptChanged(engine, record => record["Key"]["Key"] = "*"));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AlteredDataAndKeysAreNoticed(string engine)
        {
            foreach (string path in new[] { "Data", "Key.Key" })
            {
                Assert.Throws<AppEncryptionException>(() => DecryptChanged(engine, record =>
                {
                    byte[] bytes = Convert.FromBase64String((string)record.SelectToken(path));
                    bytes[3] ^= 1;
                    record.SelectToken(path).Replace(Convert.ToBase64String(bytes));
                }));
            }
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void WhatCannotBeFoundSaysSo(string engine)
        {
            foreach (Action<JObject> change in new Action<JObject>[]
            {
                record => record["Key"]["ParentKeyMeta"].Parent.Remove(),
                record => record["Key"]["ParentKeyMeta"]["KeyId"] = "_IK_other_service_product",
                record => record["Key"]["ParentKeyMeta"]["Created"] = 60,
            })
            {
                var e = Assert.Throws<MetadataMissingException>(() => DecryptChanged(engine, change));
                Assert.StartsWith("Could not find", e.Message, StringComparison.Ordinal);
            }
        }

        private static void AssertFaulted<TException>(Task task)
            where TException : Exception
        {
            var e = Assert.Throws<AggregateException>(() => task.Wait(TimeSpan.FromSeconds(60)));
            Assert.IsType<TException>(e.InnerException);
        }

        private static void DecryptChanged(string engine, Action<JObject> change)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            JObject record = JObject.Parse(TestSetup.Text(session.Encrypt(TestSetup.Bytes("text"))));
            change(record);
            session.Decrypt(TestSetup.Bytes(record.ToString(Formatting.None)));
        }
    }
}
