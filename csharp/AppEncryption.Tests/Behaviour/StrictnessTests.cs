using System;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>Records that canonical Asherah reads although no SDK writes them are refused.</summary>
    public sealed class StrictnessTests
    {
        public static TheoryData<string, string> Flawed
        {
            get
            {
                var data = new TheoryData<string, string>();
                foreach (string engine in new[] { Engine.Native, Engine.Managed })
                {
                    foreach (string flaw in new[]
                    {
                        "trailing text", "byte order mark", "comment", "single quotes", "duplicate member",
                        "numeric string", "line break in base64",
                    })
                    {
                        data.Add(engine, flaw);
                    }
                }

                return data;
            }
        }

        public static TheoryData<string> Engines => Engine.Both;

        [Theory]
        [MemberData(nameof(Flawed))]
        public void ItIsRefused(string engine, string flaw)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = session.Encrypt(TestSetup.Bytes("text"));
            Assert.ThrowsAny<Exception>(() => session.Decrypt(TestSetup.Bytes(Change(TestSetup.Text(record), flaw))));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void NamesAreCaseSensitive(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            string text = TestSetup.Text(session.Encrypt(TestSetup.Bytes("text")));
            Assert.ThrowsAny<Exception>(() => session.Decrypt(TestSetup.Bytes(text.Replace(
                "\"Data\"", "\"data\"", StringComparison.Ordinal))));
        }

        private static string Change(string record, string flaw)
        {
            const StringComparison Exact = StringComparison.Ordinal;
            return flaw switch
            {
                "trailing text" => record + " and more",
                "byte order mark" => "\ufeff" + record,
                "comment" => "/* a record */" + record,
                "single quotes" => record.Replace('"', '\''),
                "duplicate member" => record.Replace("{\"Key\"", "{\"Data\":\"AAAA\",\"Key\"", Exact),
                "numeric string" => record.Replace(
                    "\"Created\":" + Created(record), "\"Created\":\"" + Created(record) + "\"", Exact),
                "line break in base64" => record.Replace("\"Data\":\"", "\"Data\":\"\\r\\n", Exact),
                _ => throw new ArgumentException(flaw, nameof(flaw)),
            };
        }

        private static long Created(string record)
        {
            return (long)JObject.Parse(record)["Key"]["Created"];
        }
    }
}
