using System;
using System.Collections.Generic;
using System.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>
    /// Encryption and decryption with the keys in the store in each state, and exactly what the store is asked: what is
    /// there and good is loaded, what is not is made, and old records are read whatever became of their keys.
    /// </summary>
    public sealed class KeyStateTests
    {
        private static readonly string[] States = { "absent", "valid", "expired", "revoked" };

        private readonly RecordingMetastore metastore = new RecordingMetastore();
        private readonly OwnKms kms = new OwnKms();

        private readonly OwnPolicy policy = new OwnPolicy
        {
            Expired = created => created < DateTimeOffset.UtcNow.AddDays(-5),
        };

        public static TheoryData<string, string, string> All
        {
            get
            {
                var data = new TheoryData<string, string, string>();
                foreach (string engine in new[] { Engine.Native, Engine.Managed })
                {
                    foreach (string intermediate in States)
                    {
                        foreach (string system in States)
                        {
                            data.Add(engine, intermediate, system);
                        }
                    }
                }

                return data;
            }
        }

        [Theory]
        [MemberData(nameof(All))]
        public void EncryptAsksTheStoreForWhatItNeeds(string engine, string intermediate, string system)
        {
            Prepare(engine, intermediate, system);
            Assert.Equal("text", TestSetup.Text(RoundTrip(engine)));
            Assert.Equal(string.Join(", ", ExpectedOfEncrypt(intermediate, system)), metastore.Calls());
            Assert.Equal(system == "valid" ? 0 : 1, kms.Encrypted);
        }

        [Theory]
        [MemberData(nameof(All))]
        public void DecryptReadsWhateverBecameOfTheKeys(string engine, string intermediate, string system)
        {
            (byte[] record, long aged) = Prepare(engine, intermediate, system);
            record = TestSetup.Bytes(Aged(TestSetup.Text(record), aged));
            using SessionFactory factory = Engine.Build(engine, metastore, policy, kms);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            if (intermediate == "absent" || system == "absent")
            {
                var e = Assert.Throws<Exceptions.MetadataMissingException>(() => session.Decrypt(record));
                Assert.StartsWith("Could not find", e.Message, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal("text", TestSetup.Text(session.Decrypt(record)));
            }

            Assert.Equal(
                intermediate == "absent" ? "GetKeySuffix, Load IK" : "GetKeySuffix, Load IK, Load SK",
                metastore.Calls());
            Assert.Equal(0, kms.Encrypted);
        }

        private static IEnumerable<string> ExpectedOfEncrypt(string intermediate, string system)
        {
            yield return "GetKeySuffix";
            yield return "LoadLatest IK";
            if (intermediate == "valid")
            {
                yield return "Load SK";
                if (system == "valid")
                {
                    yield break;
                }
            }

            yield return "LoadLatest SK";
            if (system != "valid")
            {
                yield return "Store SK";
            }

            yield return "Store IK";
        }

        /// <summary>Writes the creation time of an aged key into a record that names it.</summary>
        private static string Aged(string record, long seconds)
        {
            var parsed = Newtonsoft.Json.Linq.JObject.Parse(record);
            var parent = (Newtonsoft.Json.Linq.JObject)parsed["Key"]["ParentKeyMeta"];
            parent["Created"] = (long)parent["Created"] - seconds;
            return parsed.ToString(Newtonsoft.Json.Formatting.None);
        }

        private byte[] RoundTrip(string engine)
        {
            using SessionFactory factory = Engine.Build(engine, metastore, policy, kms);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            return session.Decrypt(session.Encrypt(TestSetup.Bytes("text")));
        }

        /// <summary>Makes the keys and a record, and puts the keys into a state. Valid ones are of yesterday, so that new
        /// ones have another creation time.</summary>
        private (byte[] Record, long Aged) Prepare(string engine, string intermediate, string system)
        {
            byte[] record;
            using (SessionFactory factory = Engine.Build(engine, metastore, policy, kms))
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                record = session.Encrypt(TestSetup.Bytes("text"));
            }

            TimeSpan age = TimeSpan.FromDays(intermediate == "expired" ? 9 : 1);
            metastore.Age(age);
            metastore.AgeSystemKeys(TimeSpan.FromDays(system == "expired" ? 9 : 0) - TimeSpan.FromDays(
                intermediate == "expired" && system != "expired" ? 8 : 0));
            foreach ((string kind, string state) in new[] { ("IK", intermediate), ("SK", system) })
            {
                if (state == "revoked")
                {
                    metastore.Revoke(kind);
                }
                else if (state == "absent")
                {
                    metastore.Remove(kind);
                }
            }

            metastore.Calls();
            kms.Forget();
            return (record, (long)age.TotalSeconds);
        }
    }
}
