using System;
using System.Collections.Generic;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>Records with one flaw each, and the exception it gives.</summary>
    public sealed class DamageTests : IDisposable
    {
        private readonly SessionFactory factory = TestSetup.NewFactory();
        private readonly Session<byte[], byte[]> session;
        private readonly byte[] record;

        public DamageTests()
        {
            session = factory.GetSessionBytes("partition");
            record = session.Encrypt(TestSetup.Bytes("the payload"));
        }

        public static TheoryData<string, Type> Garbage => new TheoryData<string, Type>
        {
            { string.Empty, typeof(JsonReaderException) },
            { " ", typeof(JsonReaderException) },
            { "x", typeof(JsonReaderException) },
            { "[]", typeof(JsonReaderException) },
            { "null", typeof(JsonReaderException) },
            { "\"text\"", typeof(JsonReaderException) },
            { "{", typeof(JsonReaderException) },
            { "{\"Key\":", typeof(JsonReaderException) },
            { "{}", typeof(AppEncryptionException) },
            { "{}{}", typeof(JsonReaderException) },
            { "{\"Key\":1,\"Data\":2}", typeof(AppEncryptionException) },
            { "{\"Key\":[],\"Data\":\"\"}", typeof(AppEncryptionException) },
            { "}" + new string('"', 200) + "}", typeof(JsonReaderException) },
            { new string('[', 100000), typeof(JsonReaderException) },
        };

        public static TheoryData<string> RemovedMembers => new TheoryData<string>
        {
            "Key", "Data", "Key.Created", "Key.Key", "Key.ParentKeyMeta.KeyId", "Key.ParentKeyMeta.Created",
        };

        public void Dispose()
        {
            session.Dispose();
            factory.Dispose();
        }

        [Theory]
        [MemberData(nameof(Garbage))]
        public void TextThatIsNoRecord(string text, Type exception)
        {
            Assert.Throws(exception, () => session.Decrypt(TestSetup.Bytes(text)));
            Works();
        }

        [Theory]
        [MemberData(nameof(RemovedMembers))]
        public void MissingMembersAreNamed(string path)
        {
            JObject damaged = Parsed();
            damaged.SelectToken(path).Parent.Remove();
            var e = Assert.Throws<AppEncryptionException>(() => Decrypt(damaged));
            Assert.IsType<NullReferenceException>(e.InnerException);
            Assert.Contains(path, e.Message, StringComparison.Ordinal);
        }

        [Fact]
        public void ARecordWithoutParentCannotBeFound()
        {
            JObject damaged = Parsed();
            damaged["Key"]["ParentKeyMeta"].Parent.Remove();
            var e = Assert.Throws<MetadataMissingException>(() => Decrypt(damaged));
            Assert.StartsWith("Could not find", e.Message, StringComparison.Ordinal);
        }

        [Fact]
        public void AnUnknownKeyCannotBeFound()
        {
            JObject damaged = Parsed();
            damaged["Key"]["ParentKeyMeta"]["Created"] = 60;
            var e = Assert.Throws<MetadataMissingException>(() => Decrypt(damaged));
            Assert.StartsWith("Could not find", e.Message, StringComparison.Ordinal);
        }

        [Theory]
        [InlineData("Data")]
        [InlineData("Key.Key")]
        public void BadBase64IsAFormatException(string path)
        {
            JObject damaged = Parsed();
            damaged.SelectToken(path).Replace("*" + ((string)damaged.SelectToken(path)).Substring(1));
            Assert.Throws<FormatException>(() => Decrypt(damaged));
            damaged = Parsed();
            damaged.SelectToken(path).Replace((string)damaged.SelectToken(path) + "A");
            Assert.Throws<FormatException>(() => Decrypt(damaged));
        }

        [Theory]
        [InlineData("Data")]
        [InlineData("Key.Key")]
        public void EveryAlteredBitIsNoticed(string path)
        {
            byte[] bytes = Convert.FromBase64String((string)Parsed().SelectToken(path));
            for (int i = 0; i < bytes.Length * 8; i++)
            {
                bytes[i / 8] ^= (byte)(1 << (i % 8));
                JObject damaged = Parsed();
                damaged.SelectToken(path).Replace(Convert.ToBase64String(bytes));
                Assert.Throws<AppEncryptionException>(() => Decrypt(damaged));
                bytes[i / 8] ^= (byte)(1 << (i % 8));
            }

            Works();
        }

        [Theory]
        [InlineData("Data")]
        [InlineData("Key.Key")]
        public void EveryCutIsNoticed(string path)
        {
            byte[] bytes = Convert.FromBase64String((string)Parsed().SelectToken(path));
            for (int length = 0; length < bytes.Length; length++)
            {
                JObject damaged = Parsed();
                damaged.SelectToken(path).Replace(Convert.ToBase64String(bytes, 0, length));
                Assert.ThrowsAny<AppEncryptionException>(() => Decrypt(damaged));
            }
        }

        [Fact]
        public void EveryPrefixOfARecordIsRefused()
        {
            for (int length = 0; length < record.Length; length++)
            {
                Assert.Throws<JsonReaderException>(() => session.Decrypt(record.AsSpan(0, length).ToArray()));
            }
        }

        [Fact]
        public void WhatIsNotStrictJsonIsRefused()
        {
            string text = TestSetup.Text(record);
            foreach (string flawed in new[]
            {
                "\ufeff" + text,
                text + "x",
                text + "{}",
                "/* comment */" + text,
                text.Replace('"', '\''),
                text.Replace("{\"Key\"", "{\"Data\":\"AAAA\",\"Key\"", StringComparison.Ordinal),
            })
            {
                Exception e = Record.Exception(() => session.Decrypt(TestSetup.Bytes(flawed)));
                Assert.True(e is JsonReaderException || e is AppEncryptionException, e?.ToString() ?? flawed);
            }
        }

        [Fact]
        public void AKeyOfAnotherMasterKeyDoesNotOpen()
        {
            using var directory = new TempDirectory();
            string database = directory.File("keys.db");
            byte[] own;
            using (SessionFactory right = TestSetup.NewSqliteFactory(database))
            using (Session<byte[], byte[]> writer = right.GetSessionBytes("partition"))
            {
                own = writer.Encrypt(TestSetup.Bytes("text"));
            }

            using SessionFactory wrong = TestSetup.NewSqliteFactory(database, key: "another-key-another-key-another!");
            using Session<byte[], byte[]> reader = wrong.GetSessionBytes("partition");
            Assert.ThrowsAny<AppEncryptionException>(() => reader.Decrypt(own));
        }

        [Fact]
        public void RandomBytesNeverDoMoreThanThrow()
        {
            var random = new Random(11);
            var seen = new HashSet<Type>();
            for (int i = 0; i < 3000; i++)
            {
                byte[] damaged = (byte[])record.Clone();
                for (int n = random.Next(1, 4); n > 0; n--)
                {
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                }

                if (!damaged.AsSpan().SequenceEqual(record))
                {
                    Try(damaged, seen);
                }
            }

            Assert.Contains(typeof(AppEncryptionException), seen);
            Assert.Contains(typeof(JsonReaderException), seen);
            Works();
        }

        // The creation time of the record's own key is not authenticated: with another one in it the record is still
        // whole.
        private void Try(byte[] damaged, HashSet<Type> seen)
        {
            try
            {
                Assert.Equal("the payload", TestSetup.Text(session.Decrypt(damaged)));
            }
            catch (Exception e) when (e is AppEncryptionException || e is JsonReaderException || e is FormatException)
            {
                seen.Add(e.GetType());
            }
        }

        private JObject Parsed()
        {
            return JObject.Parse(TestSetup.Text(record));
        }

        private byte[] Decrypt(JObject damaged)
        {
            return session.Decrypt(TestSetup.Bytes(damaged.ToString(Formatting.None)));
        }

        private void Works()
        {
            Assert.Equal("the payload", TestSetup.Text(session.Decrypt(record)));
        }
    }
}
