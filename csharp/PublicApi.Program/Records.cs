using System;
using System.Collections.Generic;
using System.Text;
using GoDaddy.Asherah.AppEncryption;
using GoDaddy.Asherah.AppEncryption.Envelope;
using GoDaddy.Asherah.AppEncryption.Util;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>JSON, key records, and the names of keys.</summary>
    internal static class Records
    {
        internal static void Run()
        {
            DateTimeOffset created = DateTimeOffset.FromUnixTimeSeconds(1_600_000_000);
            var meta = new KeyMeta("id", created);
            var record = new EnvelopeKeyRecord(created, meta, new byte[] { 1, 2, 3 });
            const string Text =
                "{\"Created\":1600000000,\"Key\":\"AQID\"," +
                "\"ParentKeyMeta\":{\"KeyId\":\"id\",\"Created\":1600000000}}";
            JObject written = record.ToJson();
            written.Remove("Revoked");
            Expect.True(JToken.DeepEquals(JObject.Parse(Text), written));
            JObject revoked = new EnvelopeKeyRecord(created, null, new byte[1], true).ToJson();
            Expect.Same(true, revoked["Revoked"].Value<bool>());
            Expect.True(meta.Equals(new KeyMeta(new Json(meta.ToJson()))));
            Expect.Same(meta.GetHashCode(), new KeyMeta("id", created).GetHashCode());
            Expect.Same("id", meta.KeyId);
            Expect.True(meta.ToString().Contains("id"));

            var json = new Json();
            json.Put("text", "t");
            json.Put("flag", true);
            json.Put("bytes", new byte[] { 9 });
            json.Put("time", created);
            json.Put("object", new JObject { ["a"] = 1 });
            json.Put("json", new Json(new JObject { ["b"] = 2 }));
            json.Put("list", new List<JObject> { new JObject(), new JObject() });
            var read = new Json(json.ToUtf8());
            Expect.Same("t", read.GetString("text"));
            Expect.Same(true, read.GetOptionalBoolean("flag").IfNone(false));
            Expect.True(read.GetOptionalBoolean("none").IsNone && read.GetOptionalJson("none").IsNone);
            Expect.Same(9, (int)read.GetBytes("bytes")[0]);
            Expect.Same(created, read.GetDateTimeOffset("time"));
            Expect.Same(1, read.GetJson("object").ToJObject()["a"].Value<int>());
            Expect.Same(2, read.GetJsonArray("list").Count);
            Expect.Same(Encoding.UTF8.GetString(read.ToUtf8()), read.ToJsonString());

            Partition partition = new DefaultPartition("partition", "service", "product");
            Expect.Same("_SK_service_product", partition.SystemKeyId);
            Expect.Same("_IK_partition_service_product", partition.IntermediateKeyId);
            Expect.True(partition.IsValidIntermediateKeyId("_IK_partition_service_product"));
            Partition suffixed = new SuffixedPartition("partition", "service", "product", "us-west-2");
            Expect.Same("_SK_service_product_us-west-2", suffixed.SystemKeyId);
            Expect.Same("_IK_partition_service_product_us-west-2", suffixed.IntermediateKeyId);
            Expect.True(suffixed.IsValidIntermediateKeyId("_IK_partition_service_product"));
            Expect.True(suffixed.ToString().Contains("us-west-2"));
            Expect.Same("_IK_own", new OwnPartition().IntermediateKeyId);
        }

        private sealed class OwnPartition : Partition
        {
            internal OwnPartition()
                : base("partition", "service", "product")
            {
            }

            public override string IntermediateKeyId => "_IK_own";
        }
    }
}
