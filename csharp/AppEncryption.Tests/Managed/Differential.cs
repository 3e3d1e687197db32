using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>
    /// One random history on both engines over the same rows: what one writes the other reads, and where one fails the
    /// other fails in the same way.
    /// </summary>
    internal sealed class Differential : IDisposable
    {
        private const int Steps = 14;

        private static readonly string[] Partitions = { "alice", "bob", "a_b" };
        private static readonly string[] Faults = { "Load", "LoadLatest", "Store", "EncryptKey", "DecryptKey", "Refuse" };

        private readonly Random random;
        private readonly KeyRows rows = new KeyRows();
        private readonly RawKms kms = new RawKms(TestSetup.Bytes(TestSetup.Key));
        private readonly CryptoPolicy policy;
        private readonly TestPolicy changing; // null where the policy is one of the library's own
        private readonly List<Pair> pairs = new List<Pair>();
        private readonly List<Written> records = new List<Written>();

        private Differential(int seed)
        {
            random = new Random(seed);
            bool systemKeys = random.Next(4) != 0;
            bool intermediateKeys = random.Next(4) != 0;
            if (random.Next(3) == 0)
            {
                policy = BasicExpiringCryptoPolicy.NewBuilder()
                    .WithKeyExpirationDays(90)
                    .WithRevokeCheckMinutes(60)
                    .WithCanCacheSystemKeys(systemKeys)
                    .WithCanCacheIntermediateKeys(intermediateKeys)
                    .WithCanCacheSessions(random.Next(2) == 0)
                    .Build();
            }
            else
            {
                policy = changing = new TestPolicy
                {
                    CacheSystemKeys = systemKeys,
                    CacheIntermediateKeys = intermediateKeys,
                    RevokeCheckMillis = random.Next(2) == 0 ? 0 : long.MaxValue,
                    Queued = random.Next(4) == 0,
                    Notify = random.Next(2) == 0,
                };
            }

            string[] suffixes = random.Next(2) == 0 ? new[] { string.Empty } : new[] { "us-west-2", "eu-central-1" };
            foreach (string suffix in suffixes)
            {
                pairs.Add(new Pair(suffix, this));
            }
        }

        public void Dispose()
        {
            pairs.ForEach(pair => pair.Close());
            kms.Dispose();
        }

        /// <summary>Runs the history of a seed.</summary>
        /// <exception cref="Xunit.Sdk.XunitException">The engines do not agree.</exception>
        internal static void Run(int seed)
        {
            var done = new List<string>();
            using var history = new Differential(seed);
            try
            {
                for (int step = 0; step < Steps; step++)
                {
                    done.Add(history.Step());
                }

                history.ReadAllCold();
            }
            catch (Exception e)
            {
                throw new Xunit.Sdk.XunitException(
                    "seed " + seed + ", after " + string.Join(", ", done) + ": " + e);
            }
        }

        private string Step()
        {
            Pair pair = pairs[random.Next(pairs.Count)];
            string partition = Partitions[random.Next(Partitions.Length)];
            switch (random.Next(records.Count == 0 ? 1 : 14))
            {
                case 0:
                case 1:
                case 2:
                case 3:
                    Encrypt(pair, partition);
                    return "encrypt";
                case 4:
                case 5:
                    Decrypt(pair, records[random.Next(records.Count)]);
                    return "decrypt";
                case 6:
                    return MoveClock();
                case 7:
                    (string id, long created, _) = RandomRow();
                    rows.Revoke(id, created);
                    return "revoke " + id;
                case 8:
                    pair.Reopen();
                    return "reopen";
                case 9:
                case 10:
                    return DecryptDamaged(pair, records[random.Next(records.Count)]);
                case 11:
                    return DamageRow(pair, partition);
                case 12:
                    return Fail(pair, partition, Faults[random.Next(Faults.Length)]);
                default:
                    Foreign(pair, partition, records[random.Next(records.Count)]);
                    return "foreign";
            }
        }

        private void Encrypt(Pair pair, string partition)
        {
            byte[] payload = RandomPayload();
            foreach (bool managed in new[] { random.Next(2) == 0, random.Next(2) == 0 })
            {
                var written = new Written(partition, payload, pair.Encrypt(managed, partition, payload));
                records.Add(written);
                Decrypt(pair, written);
            }
        }

        // Records of one region are read in the other.
        private void Decrypt(Pair pair, Written written)
        {
            Assert.Equal(written.Payload, pair.Decrypt(false, written.Partition, written.Record));
            Assert.Equal(written.Payload, pair.Decrypt(true, written.Partition, written.Record));
        }

        private void ReadAllCold()
        {
            foreach (Pair pair in pairs)
            {
                pair.Reopen();
                records.ForEach(written => Decrypt(pair, written));
            }
        }

        private string MoveClock()
        {
            if (changing == null)
            {
                return "no clock";
            }

            long last = rows.All.Max(row => row.Created);
            changing.ExpiredBefore = random.Next(3) == 0 ? long.MinValue : last + random.Next(-1, 2);
            return "expire";
        }

        private string DecryptDamaged(Pair pair, Written written)
        {
            JObject record = JObject.Parse(TestSetup.Text(written.Record));
            string damage = Damage(record);
            byte[] text = TestSetup.Bytes(record.ToString(Newtonsoft.Json.Formatting.None));
            switch (damage)
            {
                case "cut":
                    text = text.Take(random.Next(text.Length)).ToArray();
                    break;
                case "flip":
                    text[random.Next(text.Length)] ^= (byte)(1 << random.Next(7));
                    break;
            }

            Agree(damage + " of " + TestSetup.Text(text), pair, (engine, _) => engine.Decrypt(written.Partition, text));
            return "decrypt damaged: " + damage;
        }

        private string Damage(JObject record)
        {
            var key = (JObject)record["Key"];
            var parent = (JObject)key["ParentKeyMeta"];
            JObject[] objects = { record, key, parent };
            JProperty member = objects[random.Next(3)].Properties().ElementAt(0);
            switch (random.Next(8))
            {
                case 0:
                    return "cut";
                case 1:
                case 2:
                    return "flip";
                case 3:
                    member.Remove();
                    return "remove " + member.Name;
                case 4:
                    member.Value = JValue.CreateNull();
                    return "null " + member.Name;
                case 5:
                    parent["Created"] = (long)parent["Created"] + random.Next(-2, 3);
                    return "other created";
                case 6:
                    parent["KeyId"] = parent["KeyId"] + (random.Next(2) == 0 ? "_eu-west-1" : "x");
                    return "other id";
                default:
                    key["Created"] = key["Created"].ToString();
                    return "text for number";
            }
        }

        // A row that is altered or gone fails cold factories of both engines alike; then it is put back.
        private string DamageRow(Pair pair, string partition)
        {
            (string id, long created, string text) = RandomRow();
            JObject record = JObject.Parse(text);
            string damage;
            switch (random.Next(6))
            {
                case 0:
                    damage = "gone";
                    break;
                case 1:
                    damage = "no key";
                    record.Remove("Key");
                    break;
                case 2:
                    damage = "no parent";
                    record.Remove("ParentKeyMeta");
                    break;
                case 3:
                    damage = "half a parent";
                    record["ParentKeyMeta"] = new JObject { ["KeyId"] = "_SK_service_product" };
                    break;
                case 4:
                    damage = "other created";
                    record["Created"] = created + 1;
                    break;
                default:
                    damage = "altered key";
                    byte[] key = Convert.FromBase64String((string)record["Key"]);
                    key[random.Next(key.Length)] ^= 1;
                    record["Key"] = Convert.ToBase64String(key);
                    break;
            }

            string altered = record.ToString(Newtonsoft.Json.Formatting.None);
            Written written = records[random.Next(records.Count)];
            foreach (bool encrypts in new[] { false, true })
            {
                Cold(damage + " of " + id, pair, _ => { }, (engine, fresh) =>
                {
                    // What the first engine makes must not help the second.
                    fresh.Delete(id, created);
                    if (damage != "gone")
                    {
                        fresh.TryAdd(id, created, altered);
                    }

                    return encrypts ? engine.Encrypt(partition, written.Payload) : engine.Decrypt(written.Partition, written.Record);
                });
            }

            return "row: " + damage;
        }

        private string Fail(Pair pair, string partition, string fault)
        {
            Written written = records[random.Next(records.Count)];
            bool encrypts = random.Next(3) != 0;
            bool empty = random.Next(2) == 0;
            Cold(
                fault,
                pair,
                engine => engine.Fault = fault,
                (engine, fresh) =>
                {
                    if (empty)
                    {
                        fresh.All.ToList().ForEach(row => fresh.Delete(row.Id, row.Created));
                    }

                    return encrypts ? engine.Encrypt(partition, written.Payload) : engine.Decrypt(written.Partition, written.Record);
                });
            return "fault " + fault;
        }

        private void Foreign(Pair pair, string partition, Written written)
        {
            Agree("partition " + partition, pair, (engine, _) => engine.Decrypt(partition, written.Record));
        }

        private void Agree(string what, Pair pair, Func<EngineUnderTest, KeyRows, byte[]> call)
        {
            Compare(what, pair.Native, pair.Managed, call, rows, rows);
        }

        // On factories of its own, over a copy of the rows for each engine.
        private void Cold(
            string what, Pair pair, Action<EngineUnderTest> prepare, Func<EngineUnderTest, KeyRows, byte[]> call)
        {
            KeyRows nativeRows = Copy();
            KeyRows managedRows = Copy();
            using var native = new EngineUnderTest(false, pair.Suffix, nativeRows, policy);
            using var managed = new EngineUnderTest(true, pair.Suffix, managedRows, policy);
            prepare(native);
            prepare(managed);
            Compare(what, native, managed, call, nativeRows, managedRows);
        }

        private static void Compare(
            string what,
            EngineUnderTest native,
            EngineUnderTest managed,
            Func<EngineUnderTest, KeyRows, byte[]> call,
            KeyRows nativeRows,
            KeyRows managedRows)
        {
            Exception n = Engine.Failure(() => call(native, nativeRows));
            Exception m = Engine.Failure(() => call(managed, managedRows));
            bool host = n?.ToString().Contains("made to fail", StringComparison.Ordinal) == true;
            bool same = host ? Engine.Types(n) == Engine.Types(m) : n?.GetType() == m?.GetType();
            if (!same)
            {
                throw new InvalidOperationException(
                    what + ": native " + (n?.ToString() ?? "succeeds") + "\nmanaged " + (m?.ToString() ?? "succeeds"));
            }
        }

        private KeyRows Copy()
        {
            var copy = new KeyRows();
            foreach ((string id, long created, string text) in rows.All)
            {
                copy.TryAdd(id, created, text);
            }

            return copy;
        }

        private (string Id, long Created, string Text) RandomRow()
        {
            return rows.All[random.Next(rows.All.Count)];
        }

        private byte[] RandomPayload()
        {
            var payload = new byte[random.Next(4) == 0 ? 0 : random.Next(200)];
            random.NextBytes(payload);
            return payload;
        }

        private sealed class Written
        {
            internal Written(string partition, byte[] payload, byte[] record)
            {
                Partition = partition;
                Payload = payload;
                Record = record;
            }

            internal string Partition { get; }

            internal byte[] Payload { get; }

            internal byte[] Record { get; }
        }

        /// <summary>The two engines of one region.</summary>
        private sealed class Pair
        {
            private readonly Differential history;

            internal Pair(string suffix, Differential history)
            {
                Suffix = suffix;
                this.history = history;
                Open();
            }

            internal string Suffix { get; }

            internal EngineUnderTest Native { get; private set; }

            internal EngineUnderTest Managed { get; private set; }

            internal byte[] Encrypt(bool managed, string partition, byte[] payload)
            {
                return (managed ? Managed : Native).Encrypt(partition, payload);
            }

            internal byte[] Decrypt(bool managed, string partition, byte[] record)
            {
                return (managed ? Managed : Native).Decrypt(partition, record);
            }

            internal void Reopen()
            {
                Close();
                Open();
            }

            internal void Close()
            {
                Native.Dispose();
                Managed.Dispose();
            }

            private void Open()
            {
                Native = new EngineUnderTest(false, Suffix, history.rows, history.policy);
                Managed = new EngineUnderTest(true, Suffix, history.rows, history.policy);
            }
        }
    }
}
