using System;
using System.Data.Common;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto.Exceptions;
using Microsoft.Data.Sqlite;
using Newtonsoft.Json.Linq;
using Npgsql;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>Databases that fail or hold other things than ours: an error, and never a missing key, for which a new
    /// one would be made.</summary>
    public sealed class AdoFailureTests : IDisposable
    {
        private static readonly DateTimeOffset Then = new DateTimeOffset(2024, 3, 5, 18, 28, 0, TimeSpan.Zero);

        private readonly SqliteFile file = new SqliteFile();

        public static TheoryData<bool> KnownOrNot => new TheoryData<bool> { true, false };

        public void Dispose()
        {
            file.Dispose();
        }

        [Theory]
        [InlineData(true)]
        [InlineData(false)]
        public void AnOutageIsAnError(bool native)
        {
            string connectionString =
                "Host=127.0.0.1;Port=" + ServerProcess.FreePort() + ";Database=x;Username=u;Password=secret-word";
            var logger = new RecordingLogger();
            AdoMetastoreImpl Open() => AdoMetastoreImpl.NewBuilder(NpgsqlFactory.Instance, connectionString)
                .WithLogger(logger).Build();
            IMetastore<JObject> metastore = native ? Open() : Ways.Managed(Open);
            AppEncryptionException load = Assert.Throws<AppEncryptionException>(() => metastore.LoadLatest("id"));
            Assert.Equal(new[] { "Error: Metastore error" }, logger.Lines);
            Assert.DoesNotContain("secret-word", load.ToString());
            Assert.Equal(native, !(load.InnerException is DbException));
            if (!native)
            {
                Assert.Throws<AppEncryptionException>(() => metastore.Store("id", Then, Ways.Record(Then)));
                Assert.Equal("Error: Metastore error during store", logger.Lines[1]);
            }
        }

        [Theory]
        [MemberData(nameof(KnownOrNot))]
        public void NoKeyIsMadeWhileTheDatabaseFails(bool known)
        {
            IMetastore<JObject> metastore = Open(known);
            file.Execute("ALTER TABLE encryption_key RENAME TO elsewhere");
            using SessionFactory factory = MetastoreSuite.NewFactory(metastore, "service");
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Throws<AppEncryptionException>(() => session.Encrypt(new byte[1]));
            file.Execute("ALTER TABLE elsewhere RENAME TO encryption_key");
            Assert.Equal(0L, file.Execute("SELECT COUNT(*) FROM encryption_key"));
            session.Encrypt(new byte[1]);
            Assert.Equal(2L, file.Execute("SELECT COUNT(*) FROM encryption_key"));
        }

        [Theory]
        [MemberData(nameof(KnownOrNot))]
        public void OnlyDuplicatesAreFalse(bool known)
        {
            IMetastore<JObject> metastore = Open(known);
            file.Execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON encryption_key BEGIN SELECT RAISE(ABORT, 'refused'); END");
            AppEncryptionException e = Assert.Throws<AppEncryptionException>(
                () => metastore.Store("id", Then, Ways.Record(Then)));
            Assert.IsType<SqliteException>(e.InnerException);
        }

        [Fact]
        public void AnInsertThatWasDoneInSpiteOfItsErrorIsTrue()
        {
            // FAIL leaves what was done before.
            file.Execute(
                "CREATE TRIGGER fail AFTER INSERT ON encryption_key BEGIN SELECT RAISE(FAIL, 'too late'); END");
            Assert.True(Open(known: false).Store("id", Then, Ways.Record(Then)));
            Assert.False(Open(known: false).Store("id", Then, Ways.Record(Then)));
            Assert.Throws<AppEncryptionException>(
                () => Open(known: true).Store("other", Then, Ways.Record(Then)));
        }

        [Theory]
        [MemberData(nameof(KnownOrNot))]
        public void TheRowOfAnotherIdIsAnError(bool known)
        {
            using var folding = new SqliteFile("TEXT COLLATE NOCASE");
            DbProviderFactory factory =
                known ? SqliteFactory.Instance : new OtherFactory(SqliteFactory.Instance);
            IMetastore<JObject> metastore = Ways.Ado(factory, folding.ConnectionString);
            Assert.True(metastore.Store("_IK_ALICE", Then, Ways.Record(Then)));

            // What would be another partition's key.
            Assert.Equal("_IK_ALICE", folding.Execute("SELECT id FROM encryption_key WHERE id = '_IK_alice'"));
            Assert.Throws<AppEncryptionException>(() => metastore.Load("_IK_alice", Then));
            Assert.Throws<AppEncryptionException>(() => metastore.LoadLatest("_IK_alice"));
            Assert.Throws<AppEncryptionException>(() => metastore.Store("_IK_alice", Then, Ways.Record(Then)));
        }

        [Theory]
        [InlineData("")]
        [InlineData("garbage")]
        [InlineData("[]")]
        [InlineData("{\"Created\":1709663280,\"Key\":\"AAAA\",\"Revoked\":\"maybe\"}")]
        public void ARowThatIsNoRecordIsAnError(string text)
        {
            IMetastore<JObject> metastore = Open(known: true);
            file.Execute("INSERT INTO encryption_key VALUES ('id', '2024-03-05 18:28:00', '" + text + "')");
            Assert.Throws<AppEncryptionException>(() => metastore.Load("id", Then));
            Assert.Throws<AppEncryptionException>(() => metastore.LoadLatest("id"));
        }

        [Theory]
        [MemberData(nameof(KnownOrNot))]
        public void TheRowsTimeIsTheKeysNotTheTexts(bool known)
        {
            IMetastore<JObject> metastore = Open(known);
            file.Execute(
                "INSERT INTO encryption_key VALUES ('id', '2024-03-05 18:28:00', " +
                "'{\"Created\":1709663999,\"Key\":\"AAAA\"}')");
            Assert.Equal(Then.ToUnixTimeSeconds(), (long)((JObject)metastore.Load("id", Then))["Created"]);
            Assert.Equal(Then.ToUnixTimeSeconds(), (long)((JObject)metastore.LoadLatest("id"))["Created"]);
        }

        private AdoMetastoreImpl Open(bool known)
        {
            return Ways.Ado(
                known ? SqliteFactory.Instance : new OtherFactory(SqliteFactory.Instance), file.ConnectionString);
        }
    }
}
