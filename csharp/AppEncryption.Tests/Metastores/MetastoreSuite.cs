using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Persistence;
using LanguageExt;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>What every metastore of the package does, whoever asks its table.</summary>
    [Collection(Servers.Name)]
    public sealed class MetastoreSuite
    {
        private static readonly DateTimeOffset Then = new DateTimeOffset(2024, 3, 5, 18, 28, 0, TimeSpan.Zero);

        private readonly Servers servers;

        public MetastoreSuite(Servers servers)
        {
            this.servers = servers;
        }

        public static TheoryData<string> All => Ways.All;

        public static TheoryData<string> ToTables => Ways.ToTables;

        public static TheoryData<string, string> Pairs => Ways.Pairs;

        [Theory]
        [MemberData(nameof(All))]
        public void RecordsComeBackAsCanonicalWritesThem(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            foreach (bool revoked in new[] { false, true })
            {
                foreach (string parent in new[] { null, "_SK_ä€😀 \"x\"_p" })
                {
                    string id = Ways.NewId("_ä€😀 'x' \"y\" \\z");
                    JObject record = Ways.Record(Then, revoked, parent);
                    Assert.True(metastore.Store(id, Then, record));
                    Assert.Equal(Text(record), Text(metastore.Load(id, Then)));
                    Assert.Equal(Text(record), Text(metastore.LoadLatest(id)));
                }
            }
        }

        [Theory]
        [MemberData(nameof(All))]
        public void MissingRecordsAreNone(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            string id = Ways.NewId();
            Assert.True(metastore.Load(id, Then).IsNone);
            Assert.True(metastore.LoadLatest(id).IsNone);
            Assert.True(metastore.Store(id, Then, Ways.Record(Then)));
            Assert.True(metastore.Load(id, Then.AddMinutes(1)).IsNone);
            Assert.True(metastore.Load(id + "2", Then).IsNone);
            Assert.True(metastore.LoadLatest(id.Substring(0, id.Length - 1)).IsNone);
        }

        [Theory]
        [MemberData(nameof(All))]
        public void DuplicatesAreFalseAndChangeNothing(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            string id = Ways.NewId();
            JObject first = Ways.Record(Then);
            Assert.True(metastore.Store(id, Then, first));
            Assert.False(metastore.Store(id, Then, Ways.Record(Then)));
            Assert.Equal(Text(first), Text(metastore.Load(id, Then)));
            Assert.True(metastore.Store(id, Then.AddMinutes(1), Ways.Record(Then.AddMinutes(1))));
        }

        [Theory]
        [MemberData(nameof(All))]
        public void TheLatestIsTheLastMadeNotTheLastStored(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            string id = Ways.NewId();
            foreach (int minutes in new[] { 1, 12, 2, 0 })
            {
                Assert.True(metastore.Store(id, Then.AddMinutes(minutes), Ways.Record(Then.AddMinutes(minutes))));
            }

            Assert.Equal(Then.AddMinutes(12).ToUnixTimeSeconds(), (long)((JObject)metastore.LoadLatest(id))["Created"]);
            DateTimeOffset second = Then.AddMinutes(2);
            Assert.Equal(second.ToUnixTimeSeconds(), (long)((JObject)metastore.Load(id, second))["Created"]);
        }

        [Theory]
        [MemberData(nameof(All))]
        public void InstantsCountNotOffsets(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            string id = Ways.NewId();
            DateTimeOffset elsewhere = Then.ToOffset(TimeSpan.FromHours(5.5));
            Assert.True(metastore.Store(id, elsewhere, Ways.Record(Then)));
            Assert.True(metastore.Load(id, Then).IsSome);
            Assert.True(metastore.Load(id, Then.ToOffset(TimeSpan.FromHours(-9))).IsSome);
            Assert.False(metastore.Store(id, Then, Ways.Record(Then)));
        }

        [Theory]
        [MemberData(nameof(All))]
        public async Task OneOfManyStoresWins(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            string id = Ways.NewId();
            JObject[] records = Enumerable.Range(0, 8).Select(_ => Ways.Record(Then)).ToArray();
            var stored = new bool[records.Length];
            using var barrier = new Barrier(records.Length);
            await Task.WhenAll(records.Select((record, i) => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    stored[i] = metastore.Store(id, Then, record);
                },
                TaskCreationOptions.LongRunning)));
            int winner = Array.IndexOf(stored, true);
            Assert.Equal(winner, Array.LastIndexOf(stored, true));
            Assert.Equal(Text(records[winner]), Text(metastore.Load(id, Then)));
        }

        [Theory]
        [MemberData(nameof(ToTables))]
        public void NullsAreRefused(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            Assert.Throws<ArgumentNullException>("keyId", () => metastore.Load(null, Then));
            Assert.Throws<ArgumentNullException>("keyId", () => metastore.LoadLatest(null));
            Assert.Throws<ArgumentNullException>("keyId", () => metastore.Store(null, Then, Ways.Record(Then)));
            Assert.Throws<ArgumentNullException>("value", () => metastore.Store("id", Then, null));
        }

        [Theory]
        [MemberData(nameof(ToTables))]
        public void WhatIsNoRecordIsRefused(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            string id = Ways.NewId();
            Assert.ThrowsAny<Exception>(() => metastore.Store(id, Then, new JObject { { "Key", "AAAA" } }));
            Assert.ThrowsAny<Exception>(() => metastore.Store(id, Then, new JObject { { "Created", 1 } }));
            Assert.True(metastore.LoadLatest(id).IsNone);
        }

        [Theory]
        [MemberData(nameof(All))]
        public void TheHandleIsThereWhereTheLibraryAsks(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            Assert.Equal(Ways.IsNative(way), (metastore as INativeMetastore)?.NativeHandle != null);
            Assert.Equal(string.Empty, metastore.GetKeySuffix());
        }

        [Theory]
        [MemberData(nameof(Pairs))]
        public void WhatOneWayWritesTheOtherReads(string writer, string reader)
        {
            IMetastore<JObject> one = Ways.Open(servers, writer);
            IMetastore<JObject> other = Ways.Open(servers, reader);
            string id = Ways.NewId("_ö");
            JObject record = Ways.Record(Then, revoked: true, parent: "_SK_ö");
            Assert.True(one.Store(id, Then, record));
            Assert.Equal(Text(record), Text(other.Load(id, Then)));
            Assert.Equal(Text(record), Text(other.LoadLatest(id)));
            Assert.False(other.Store(id, Then, Ways.Record(Then)));
        }

        [Theory]
        [MemberData(nameof(All))]
        public void FactoriesShareAMetastore(string way)
        {
            IMetastore<JObject> metastore = Ways.Open(servers, way);
            string service = Guid.NewGuid().ToString("N");
            using SessionFactory one = NewFactory(metastore, service);
            using SessionFactory other = NewFactory(metastore, service);
            using Session<byte[], byte[]> writer = one.GetSessionBytes("partition");
            using Session<byte[], byte[]> reader = other.GetSessionBytes("partition");
            byte[] record = writer.Encrypt(new byte[] { 1, 2, 3 });
            Assert.Equal(new byte[] { 1, 2, 3 }, reader.Decrypt(record));
            Assert.Equal(ParentOf(record), ParentOf(reader.Encrypt(new byte[1])));
            Assert.True(metastore.LoadLatest("_IK_partition_" + service + "_product").IsSome);
            Assert.True(metastore.LoadLatest("_SK_" + service + "_product").IsSome);
        }

        internal static SessionFactory NewFactory(IMetastore<JObject> metastore, string service)
        {
            return SessionFactory.NewBuilder("product", service)
                .WithMetastore(metastore)
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(TestSetup.Key)
                .Build();
        }

        private static string ParentOf(byte[] record)
        {
            return JObject.Parse(TestSetup.Text(record))["Key"]["ParentKeyMeta"].ToString(Formatting.None);
        }

        private static string Text(Option<JObject> record)
        {
            return ((JObject)record).ToString(Formatting.None);
        }
    }
}
