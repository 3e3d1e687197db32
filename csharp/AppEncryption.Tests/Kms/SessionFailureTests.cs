using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.AppEncryption.Tests.Behaviour;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>What sessions throw when AWS KMS fails: the exceptions of canonical Asherah, whoever asks AWS and on
    /// either engine.</summary>
    [Collection(AwsCollection.Name)]
    public sealed class SessionFailureTests : IDisposable
    {
        private readonly AwsServer server;
        private readonly TestEnvironment environment;
        private readonly InMemoryMetastoreImpl<JObject> metastore = new InMemoryMetastoreImpl<JObject>();

        public SessionFailureTests(AwsServer server)
        {
            this.server = server;
            environment = TestEnvironment.Of(server);
            server.Reset();
        }

        public static TheoryData<string, string> Cases
        {
            get
            {
                var cases = new TheoryData<string, string>();
                foreach (string kind in Services.Kinds)
                {
                    cases.Add(Engine.Native, kind);
                }

                cases.Add(Engine.Managed, Services.LegacyClients);
                cases.Add(Engine.Managed, Services.PlugInClients);
                return cases;
            }
        }

        public void Dispose()
        {
            environment.Dispose();
        }

        [Theory]
        [MemberData(nameof(Cases))]
        public async Task ANewKeyThatNoRegionWraps(string engine, string kind)
        {
            FailAll(string.Empty, "denied");
            using SessionFactory factory = NewFactory(engine, kind);
            foreach (Func<Session<byte[], byte[]>, Task> call in Encrypting)
            {
                using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
                KmsException e = MustNotStore(await Assert.ThrowsAnyAsync<Exception>(() => call(session)));
                Assert.Equal(First(kind) + "ould not successfully generate data key using any regions", e.Message);
                MustNameRegion(e.InnerException);
            }
        }

        [Theory]
        [MemberData(nameof(Cases))]
        public async Task ANewKeyThatARegionDoesNotWrap(string engine, string kind)
        {
            server.Fail(AwsServer.East, "Encrypt", "denied");
            using SessionFactory factory = NewFactory(engine, kind);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            if (kind == Services.LegacyNative || kind == Services.LegacyClients)
            {
                session.Encrypt(new byte[1]);
                return;
            }

            foreach (Func<Session<byte[], byte[]>, Task> call in Encrypting)
            {
                KmsException e = MustNotStore(await Assert.ThrowsAnyAsync<Exception>(() => call(session)));
                Assert.Equal("unexpected execution error during encrypt", e.Message);
            }
        }

        [Theory]
        [MemberData(nameof(Cases))]
        public async Task AKeyThatNoRegionUnwraps(string engine, string kind)
        {
            byte[] record = NewRecord(engine, kind);
            foreach (string fault in new[] { "denied", "wrong" })
            {
                FailAll("Decrypt", fault);
                using SessionFactory factory = NewFactory(engine, kind);
                foreach (Func<Session<byte[], byte[]>, Task> call in AllWith(record))
                {
                    using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
                    var e = await Assert.ThrowsAsync<KmsException>(() => call(session));
                    Assert.Equal(First(kind) + "ould not successfully decrypt key using any regions", e.Message);
                    MustNameRegion(e.InnerException);
                }
            }
        }

        [Theory]
        [MemberData(nameof(Cases))]
        public async Task AKeyThatIsNoneOfAwsKms(string engine, string kind)
        {
            byte[] record;
            using (SessionFactory other = Engine.Build(engine, metastore))
            using (Session<byte[], byte[]> session = other.GetSessionBytes("partition"))
            {
                record = session.Encrypt(new byte[1]);
            }

            using SessionFactory factory = NewFactory(engine, kind);
            foreach (Func<Session<byte[], byte[]>, Task> call in AllWith(record))
            {
                using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
                var e = await Assert.ThrowsAsync<KmsException>(() => call(session));
                Assert.Equal(First(kind) + "ould not successfully decrypt key using any regions", e.Message);
            }
        }

        /// <summary>Only failures of the service are put in its words.</summary>
        [Theory]
        [MemberData(nameof(Cases))]
        public void AnAlteredRecordIsNoFailureOfTheService(string engine, string kind)
        {
            JObject record = JObject.Parse(TestSetup.Text(NewRecord(engine, kind)));
            byte[] data = Convert.FromBase64String((string)record["Data"]);
            data[0] ^= 1;
            record["Data"] = Convert.ToBase64String(data);
            using SessionFactory factory = NewFactory(engine, kind);
            using Session<byte[], JObject> session = factory.GetSessionBytesAsJson("partition");
            var e = Assert.ThrowsAny<AppEncryptionException>(() => session.Decrypt(record));
            Assert.IsNotType<KmsException>(e);
            Assert.DoesNotContain("regions", e.Message, StringComparison.Ordinal);
        }

        [Fact]
        public void WithoutCredentialsThereIsNoDataKey()
        {
            environment
                .With("AWS_ACCESS_KEY_ID", null)
                .With("AWS_SECRET_ACCESS_KEY", null)
                .With("AWS_SESSION_TOKEN", null);
            using SessionFactory factory = NewFactory(Engine.Native, Services.Legacy(server.Keys).Build());
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            KmsException e = MustNotStore(Record.Exception(() => session.Encrypt(new byte[1])));
            Assert.Equal("could not successfully generate data key using any regions", e.Message);
        }

        private static Func<Session<byte[], byte[]>, Task>[] Encrypting =>
            new Func<Session<byte[], byte[]>, Task>[]
            {
                session => Task.Run(() => session.Encrypt(new byte[1])),
                session => session.EncryptAsync(new byte[1]),
                session => Task.Run(() => session.TryEncrypt(new byte[1], new byte[1000], out _)),
                session => Task.Run(() => throw session.EncryptBatch(new[] { new byte[1] })[0].Error),
            };

        private static string First(string kind)
        {
            return kind == Services.LegacyNative || kind == Services.LegacyClients ? "c" : "C";
        }

        private static IEnumerable<Func<Session<byte[], byte[]>, Task>> AllWith(byte[] record)
        {
            return new Func<Session<byte[], byte[]>, Task>[]
            {
                session => Task.Run(() => session.Decrypt(record)),
                session => session.DecryptAsync(record),
                session => Task.Run(() => session.TryDecrypt(record, new byte[1000], out _)),
                session => Task.Run(() => throw session.DecryptBatch(new[] { record })[0].Error),

                // The key that is there is wanted for encrypting too, and it is not a new one that fails.
                session => Task.Run(() => session.Encrypt(new byte[1])),
                session => session.EncryptAsync(new byte[1]),
            };
        }

        private static KmsException MustNotStore(Exception error)
        {
            Assert.Equal("Unable to store new Intermediate Key", Assert.IsType<AppEncryptionException>(error).Message);
            error = Assert.IsType<AppEncryptionException>(error.InnerException);
            Assert.Equal("Unable to store new System Key", error.Message);
            return Assert.IsType<KmsException>(error.InnerException);
        }

        private static void MustNameRegion(Exception e)
        {
            Assert.Contains(AwsServer.West, e.Message, StringComparison.Ordinal);
        }

        private void FailAll(string operation, string fault)
        {
            foreach (string region in server.Keys.Keys)
            {
                server.Fail(region, operation, fault);
            }
        }

        private byte[] NewRecord(string engine, string kind)
        {
            using SessionFactory factory = NewFactory(engine, kind);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            return session.Encrypt(new byte[1]);
        }

        private SessionFactory NewFactory(string engine, string kind)
        {
            using (Engine.Choose(engine))
            {
                return NewFactory(
                    engine, Services.New(kind, server, AwsServer.West, AwsServer.East, AwsServer.Europe));
            }
        }

        private SessionFactory NewFactory(string engine, IKeyManagementService kms)
        {
            return Engine.Build(engine, metastore, kms: kms);
        }
    }
}
