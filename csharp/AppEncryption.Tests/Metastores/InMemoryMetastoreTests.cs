using System;
using System.Data;
using GoDaddy.Asherah.AppEncryption.Persistence;
using LanguageExt;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    public sealed class InMemoryMetastoreTests
    {
        private static readonly DateTimeOffset Then = new DateTimeOffset(2024, 3, 5, 18, 28, 0, TimeSpan.Zero);

        [Fact]
        public void TheVeryInstanceComesBack()
        {
            using var metastore = new InMemoryMetastoreImpl<JObject>();
            var record = new JObject { { "anything", 1 } };
            Assert.True(metastore.Store("id", Then, record));
            Assert.Same(record, (JObject)metastore.Load("id", Then.ToOffset(TimeSpan.FromHours(3))));
            Assert.Same(record, (JObject)metastore.LoadLatest("id"));
        }

        [Fact]
        public void WhatIsChangedInTheInstanceCounts()
        {
            using var metastore = new InMemoryMetastoreImpl<JObject>();
            string before = ParentOf(metastore);
            Assert.Equal(before, ParentOf(metastore));
            ((JObject)metastore.LoadLatest("_IK_partition_service_product"))["Revoked"] = true;
            Assert.NotEqual(before, ParentOf(metastore));
        }

        [Fact]
        public void ANullIdIsNotAllowed()
        {
            using var metastore = new InMemoryMetastoreImpl<JObject>();
            Assert.Throws<NoNullAllowedException>(() => metastore.Store(null, Then, new JObject()));
            Assert.True(metastore.Load(null, Then).IsNone);
            Assert.True(metastore.LoadLatest(null).IsNone);
        }

        [Fact]
        public void DisposeTakesNothingAway()
        {
            var metastore = new InMemoryMetastoreImpl<JObject>();
            string before = ParentOf(metastore);
            metastore.Dispose();
            metastore.Dispose();
            Assert.Equal(before, ParentOf(metastore));
            Assert.True(metastore.Store("id", Then, new JObject()));
        }

        [Fact]
        public void OtherTypesAreKeptToo()
        {
            using var metastore = new InMemoryMetastoreImpl<string>();
            Assert.True(metastore.Store("id", Then, "one"));
            Assert.True(metastore.Store("id", Then.AddTicks(1), "two"));
            Assert.False(metastore.Store("id", Then, "three"));
            Assert.Equal("one", (string)metastore.Load("id", Then));
            Assert.Equal("two", (string)metastore.LoadLatest("id"));
            Assert.Equal(string.Empty, metastore.GetKeySuffix());
        }

        [Fact]
        public void OverridesAreCalled()
        {
            using var metastore = new CountingMetastore();
            ParentOf(metastore);
            Assert.Equal("LoadLatest _IK, LoadLatest _SK, Store _SK, Store _IK, ", metastore.Calls);
        }

        private static string ParentOf(IMetastore<JObject> metastore)
        {
            using SessionFactory factory = MetastoreSuite.NewFactory(metastore, "service");
            using Session<byte[], JObject> session = factory.GetSessionBytesAsJson("partition");
            return (string)session.Encrypt(new byte[1])["Key"]["ParentKeyMeta"]["Created"];
        }

        private sealed class CountingMetastore : InMemoryMetastoreImpl<JObject>
        {
            internal string Calls { get; private set; } = string.Empty;

            public override Option<JObject> Load(string keyId, DateTimeOffset created)
            {
                Calls += "Load " + keyId.Substring(0, 3) + ", ";
                return base.Load(keyId, created);
            }

            public override Option<JObject> LoadLatest(string keyId)
            {
                Calls += "LoadLatest " + keyId.Substring(0, 3) + ", ";
                return base.LoadLatest(keyId);
            }

            public override bool Store(string keyId, DateTimeOffset created, JObject value)
            {
                Calls += "Store " + keyId.Substring(0, 3) + ", ";
                return base.Store(keyId, created, value);
            }
        }
    }
}
