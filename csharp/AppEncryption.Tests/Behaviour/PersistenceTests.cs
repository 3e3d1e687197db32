using System;
using System.Collections.Generic;
using System.Data;
using GoDaddy.Asherah.AppEncryption.Persistence;
using LanguageExt;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>Where users keep records, and the metastore in memory.</summary>
    public sealed class PersistenceTests
    {
        private static readonly DateTimeOffset Created = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public static TheoryData<string> Engines => Engine.Both;

        [Theory]
        [MemberData(nameof(Engines))]
        public void StoreMakesAGuidAndLoadReadsIt(string engine)
        {
            var rows = new Dictionary<string, byte[]>();
            AdhocPersistence<byte[]> persistence = Persistence(rows);
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            string key = session.Store(TestSetup.Bytes("text"), persistence);
            Assert.True(Guid.TryParseExact(key, "D", out _));
            Assert.Equal("text", TestSetup.Text(session.Load(key, persistence).IfNone(() => null)));
            session.Store("name", TestSetup.Bytes("other"), persistence);
            Assert.Equal("other", TestSetup.Text(session.Load("name", persistence).IfNone(() => null)));
            Assert.Equal(2, rows.Count);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AMissingKeyLoadsNoneAndSoDoesANullArray(string engine)
        {
            using SessionFactory factory = Engine.Build(engine);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            AdhocPersistence<byte[]> persistence = Persistence(new Dictionary<string, byte[]>());
            Assert.True(session.Load("none", persistence).IsNone);
            var ofNull = new AdhocPersistence<byte[]>(key => (byte[])null, (key, row) => { });
            Assert.True(session.Load("none", ofNull).IsNone);
        }

        [Fact]
        public void TheMetastoreInMemoryGivesBackTheSameObject()
        {
            using var metastore = new InMemoryMetastoreImpl<JObject>();
            var record = new JObject { ["a"] = 1 };
            Assert.True(metastore.Store("id", Created, record));
            Assert.Same(record, metastore.Load("id", Created).IfNone(() => null));
            Assert.Same(record, metastore.LoadLatest("id").IfNone(() => null));
        }

        [Fact]
        public void InstantsCountAndOffsetsDoNot()
        {
            using var metastore = new InMemoryMetastoreImpl<string>();
            Assert.True(metastore.Store("id", Created, "record"));
            DateTimeOffset elsewhere = Created.ToOffset(TimeSpan.FromHours(5));
            Assert.False(metastore.Store("id", elsewhere, "other"));
            Assert.Equal("record", metastore.Load("id", elsewhere).IfNone(string.Empty));
            Assert.True(metastore.Load("id", Created.AddSeconds(1)).IsNone);
        }

        [Fact]
        public void TheLatestIsTheYoungest()
        {
            using var metastore = new InMemoryMetastoreImpl<string>();
            metastore.Store("id", Created.AddMinutes(2), "young");
            metastore.Store("id", Created.AddMinutes(1), "old");
            Assert.Equal("young", metastore.LoadLatest("id").IfNone(string.Empty));
            Assert.True(metastore.LoadLatest("other").IsNone);
        }

        [Fact]
        public void ANullIdIsRefusedAndDisposeClosesNothing()
        {
            var metastore = new InMemoryMetastoreImpl<string>();
            Assert.Throws<NoNullAllowedException>(() => metastore.Store(null, Created, "record"));
            metastore.Store("id", Created, "record");
            metastore.Dispose();
            metastore.Dispose();
            Assert.Equal("record", metastore.Load("id", Created).IfNone(string.Empty));
            Assert.True(metastore.Store("id", Created.AddMinutes(1), "record"));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void OneMetastoreInTwoFactoriesIsOneStore(string engine)
        {
            using var metastore = new InMemoryMetastoreImpl<JObject>();
            using SessionFactory one = Engine.Build(engine, metastore);
            using SessionFactory other = Engine.Build(
                engine == Engine.Native ? Engine.Managed : Engine.Native, metastore);
            using Session<byte[], byte[]> writer = one.GetSessionBytes("partition");
            using Session<byte[], byte[]> reader = other.GetSessionBytes("partition");
            Assert.Equal("text", TestSetup.Text(reader.Decrypt(writer.Encrypt(TestSetup.Bytes("text")))));
            Assert.True(metastore.LoadLatest("_IK_partition_service_product").IsSome);
        }

        private static AdhocPersistence<byte[]> Persistence(Dictionary<string, byte[]> rows)
        {
            return new AdhocPersistence<byte[]>(
                key => rows.TryGetValue(key, out byte[] row) ? row : Option<byte[]>.None,
                (key, row) => rows[key] = row);
        }
    }
}
