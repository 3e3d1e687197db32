using System;
using System.Collections.Generic;
using GoDaddy.Asherah.AppEncryption;
using GoDaddy.Asherah.AppEncryption.Persistence;
using LanguageExt;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>Where users keep their records: functions, and a class of their own.</summary>
    internal static class Stores
    {
        internal static void Run()
        {
            var rows = new Dictionary<string, byte[]>();
            Persistence<byte[]> adhoc = new AdhocPersistence<byte[]>(
                key => rows.TryGetValue(key, out byte[] row) ? row : Option<byte[]>.None,
                (key, row) => rows[key] = row);
            using SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(Sessions.Key)
                .Build();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            string key = session.Store(Sessions.Payload, adhoc);
            Expect.True(Guid.TryParseExact(key, "D", out _));
            Expect.True(session.Load(key, adhoc).IsSome);
            Expect.True(session.Load("none", adhoc).IsNone);
            session.Store("name", Sessions.Payload, adhoc);
            byte[] loaded = session.Load("name", adhoc).IfNone(() => null);
            Expect.True(loaded.AsSpan().SequenceEqual(Sessions.Payload));

            var own = new OwnPersistence();
            using Session<byte[], JObject> objects = factory.GetSessionBytesAsJson("partition");
            Expect.Same("row 1", objects.Store(Sessions.Payload, own));
            Expect.True(objects.Load("row 1", own).IsSome);

            var metastore = new InMemoryMetastoreImpl<string>();
            DateTimeOffset now = DateTimeOffset.UtcNow;
            Expect.True(metastore.Store("id", now, "record"));
            Expect.True(!metastore.Store("id", now, "other"));
            Expect.Same("record", metastore.Load("id", now).IfNone(string.Empty));
            Expect.True(metastore.Store("id", now.AddMinutes(1), "later"));
            Expect.Same("later", metastore.LoadLatest("id").IfNone(string.Empty));
            Expect.True(metastore.LoadLatest("none").IsNone);
            Expect.Same(string.Empty, metastore.GetKeySuffix());
        }

        private sealed class OwnPersistence : Persistence<JObject>
        {
            private readonly Dictionary<string, JObject> rows = new Dictionary<string, JObject>();

            public override Option<JObject> Load(string key)
            {
                return rows.TryGetValue(key, out JObject row) ? row : Option<JObject>.None;
            }

            public override void Store(string key, JObject value)
            {
                rows[key] = value;
            }

            public override string GenerateKey(JObject value)
            {
                return "row " + (rows.Count + 1);
            }
        }
    }
}
