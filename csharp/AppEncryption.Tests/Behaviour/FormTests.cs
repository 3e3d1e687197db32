using System;
using System.Linq;
using System.Numerics;
using System.Text.RegularExpressions;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>The JSON of records and payloads, to the letter.</summary>
    public sealed class FormTests
    {
        public static TheoryData<string> Engines => Engine.Both;

        [Theory]
        [MemberData(nameof(Engines))]
        public void ADataRowRecordIsCompactAndInOrder(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            string record = TestSetup.Text(session.Encrypt(new byte[1]));
            Assert.Matches(
                new Regex(
                    "\\A\\{\"Key\":\\{\"Created\":[0-9]+,\"Key\":\"[A-Za-z0-9+/=]+\",\"ParentKeyMeta\":\\{" +
                    "\"KeyId\":\"_IK_partition_service_product\",\"Created\":[0-9]+\\}\\}," +
                    "\"Data\":\"[A-Za-z0-9+/=]+\"\\}\\z"),
                record);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void RecordsAsObjectsHaveTheSameOrder(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], JObject> session = factory.GetSessionBytesAsJson("partition");
            JObject record = session.Encrypt(new byte[1]);
            Assert.Equal("Key Data", Names(record));
            Assert.Equal("Created Key ParentKeyMeta", Names((JObject)record["Key"]));
            Assert.Equal("KeyId Created", Names((JObject)record["Key"]["ParentKeyMeta"]));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void UsersStoresAreGivenKeyRecordsInOrderAndWithRevoked(string engine)
        {
            var metastore = new RecordingMetastore();
            using SessionFactory factory = Engine.Build(engine, metastore, kms: new OwnKms());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            session.Encrypt(new byte[1]);
            JObject system = metastore.Records.Single(pair => pair.Key.Id == "_SK_service_product").Value;
            JObject key = metastore.Records.Single(pair => pair.Key.Id == "_IK_partition_service_product").Value;
            Assert.Equal("Created Key Revoked", Names(system));
            Assert.Equal("Created Key ParentKeyMeta Revoked", Names(key));
            Assert.Equal(JTokenType.Boolean, key["Revoked"].Type);
            Assert.False((bool)key["Revoked"]);
            Assert.Equal(JTokenType.Integer, key["Created"].Type);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void NonAsciiIsNotEscaped(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("größe € \ud83d\ude00");
            Assert.Contains(
                "\"_IK_größe € \ud83d\ude00_service_product\"",
                TestSetup.Text(session.Encrypt(new byte[1])),
                StringComparison.Ordinal);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void DatesStayTextAndBigNumbersStayWhole(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<JObject, byte[]> session = factory.GetSessionJson("partition");
            var big = BigInteger.Parse("123456789012345678901234567890");
            JObject payload = session.Decrypt(session.Encrypt(new JObject
            {
                ["date"] = "2020-02-30T00:00:00Z",
                ["real"] = "2020-02-03T00:00:00Z",
                ["big"] = JToken.FromObject(big),
                ["decimal"] = JToken.Parse("1.10"),
                ["text"] = "größe",
            }));
            Assert.Equal(JTokenType.String, payload["date"].Type);
            Assert.Equal(JTokenType.String, payload["real"].Type);
            Assert.Equal("2020-02-03T00:00:00Z", (string)payload["real"]);
            Assert.Equal(big, payload["big"].ToObject<BigInteger>());
            Assert.Equal("1.1", payload["decimal"].ToString(Newtonsoft.Json.Formatting.None));
            Assert.Equal("größe", (string)payload["text"]);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void ASuffixedPartitionReadsItsOwnThePlainAndOtherRegions(string engine)
        {
            var metastore = new RecordingMetastore { Suffix = "us-west-2" };
            byte[] west = Encrypt(engine, metastore, "us-west-2");
            byte[] east = Encrypt(engine, metastore, "us-east-1");
            byte[] plain = Encrypt(engine, metastore, string.Empty);
            metastore.Suffix = "us-west-2";
            using SessionFactory factory = Engine.Build(engine, metastore, kms: new OwnKms());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            foreach (byte[] record in new[] { west, east, plain })
            {
                Assert.Equal("text", TestSetup.Text(session.Decrypt(record)));
            }

            metastore.Suffix = string.Empty;
            using SessionFactory unsuffixed = Engine.Build(engine, metastore, kms: new OwnKms());
            using Session<byte[], byte[]> reader = unsuffixed.GetSessionBytes("partition");
            Assert.Equal("text", TestSetup.Text(reader.Decrypt(plain)));
            Assert.Throws<MetadataMissingException>(() => reader.Decrypt(west));
        }

        [Theory]
        [InlineData("_IK_p_s_prod", true)]
        [InlineData("_IK_p_s_prod_us-west-2", true)]
        [InlineData("_IK_p_s_prod_us-east-1", true)]
        [InlineData("_IK_p_s_product", false)]
        [InlineData("_IK_p_s_prod2_us-west-2", false)]
        [InlineData("_IK_p_s_prod_us_west", false)]
        [InlineData("_IK_p_s_prod_", false)]
        [InlineData("_IK_q_s_prod_us-west-2", false)]
        public void ASuffixIsTheNameOfARegion(string id, bool valid)
        {
            Assert.Equal(valid, new SuffixedPartition("p", "s", "prod", "us-west-2").IsValidIntermediateKeyId(id));
        }

        private static string Names(JObject value)
        {
            return string.Join(" ", value.Properties().Select(property => property.Name));
        }

        private static byte[] Encrypt(string engine, RecordingMetastore metastore, string suffix)
        {
            metastore.Suffix = suffix;
            using SessionFactory factory = Engine.Build(engine, metastore, kms: new OwnKms());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            return session.Encrypt(TestSetup.Bytes("text"));
        }
    }
}
