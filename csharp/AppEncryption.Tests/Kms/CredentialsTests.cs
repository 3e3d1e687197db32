using System;
using System.Collections.Generic;
using System.Threading;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms;
using GoDaddy.Asherah.Crypto.Keys;
using Microsoft.Extensions.Logging.Abstractions;
using PlugIn = GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementService;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>Whose credentials are used, and by whom.</summary>
    [Collection(AwsCollection.Name)]
    public sealed class CredentialsTests : IDisposable
    {
        // The one that the AWS SDK for .NET signs for where the endpoint comes from the environment.
        private const string Region = AwsServer.East;

        private const string Token = "a token";

        private readonly AwsServer server;
        private readonly TestEnvironment environment;
        private readonly Dictionary<string, string> keys;

        public CredentialsTests(AwsServer server)
        {
            this.server = server;
            environment = TestEnvironment.Of(server)
                .With("AWS_ACCESS_KEY_ID", null)
                .With("AWS_SECRET_ACCESS_KEY", null)
                .With("AWS_SESSION_TOKEN", null);
            keys = new Dictionary<string, string> { [Region] = server.Keys[Region] };
            server.Reset();
        }

        public static TheoryData<bool> Classes => new TheoryData<bool> { true, false };

        public void Dispose()
        {
            environment.Dispose();
        }

        [Theory]
        [MemberData(nameof(Classes))]
        public void ConstantOnesGoToTheNativeLibrary(bool legacy)
        {
            server.AddCredentials("AKIDSESSION", "session secret", Token);
            IKeyManagementService kms = New(legacy, new SessionAWSCredentials("AKIDSESSION", "session secret", Token));
            Assert.NotNull(((INativeKms)kms).NativeHandle);
            MustWork(kms);
            kms = New(legacy, new BasicAWSCredentials(server.AccessKeyId, "another secret"));
            Assert.NotNull(((INativeKms)kms).NativeHandle);
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            Assert.Throws<KmsException>(() => kms.EncryptKey(key));
        }

        [Theory]
        [MemberData(nameof(Classes))]
        public void OnesThatRefreshAreAskedEachTime(bool legacy)
        {
            var credentials = new Changing(server);
            IKeyManagementService kms = New(legacy, credentials);
            Assert.Null(((INativeKms)kms).NativeHandle);
            MustWork(kms);
            int first = credentials.Made;
            credentials.Change();
            MustWork(kms);
            Assert.True(first > 0 && credentials.Made > first, first + ", " + credentials.Made);

            using SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithNeverExpiredCryptoPolicy()
                .WithKeyManagementService(kms)
                .Build();
            credentials.Change();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Equal(TestSetup.Bytes("x"), session.Decrypt(session.Encrypt(TestSetup.Bytes("x"))));
        }

        [Theory]
        [MemberData(nameof(Classes))]
        public void DerivedClassesAreNotTakenForConstant(bool legacy)
        {
            IKeyManagementService kms = New(legacy, new Derived(server.AccessKeyId, server.SecretAccessKey));
            Assert.Null(((INativeKms)kms).NativeHandle);
            MustWork(kms);
        }

        [Fact]
        public void WithoutOnesTheNativeLibraryFindsThoseOfTheProgram()
        {
            // Set by .NET, they are not in the environment that C sees.
            environment
                .With("AWS_ACCESS_KEY_ID", server.AccessKeyId)
                .With("AWS_SECRET_ACCESS_KEY", server.SecretAccessKey);
            IKeyManagementService kms = New(true, null);
            Assert.NotNull(((INativeKms)kms).NativeHandle);
            MustWork(kms);

            environment.With("AWS_SECRET_ACCESS_KEY", null).With("AWS_ACCESS_KEY_ID", null);
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            Assert.Throws<KmsException>(() => New(true, null).EncryptKey(key));
            MustWork(kms);
        }

        [Fact]
        public void ProxyAndAuthorityOfTheProgramReachTheNativeLibrary()
        {
            environment
                .With("AWS_ENDPOINT_URL_KMS", null)
                .With("HTTPS_PROXY", server.Proxy)
                .With("AWS_CA_BUNDLE", server.Authority);
            MustWork(New(false, new BasicAWSCredentials(server.AccessKeyId, server.SecretAccessKey)));
        }

        [Theory]
        [MemberData(nameof(Classes))]
        public void UnderTheManagedEngineConstantOnesGoToClients(bool legacy)
        {
            environment.With("ASHERAH_ENGINE", "managed");
            IKeyManagementService kms =
                New(legacy, new BasicAWSCredentials(server.AccessKeyId, server.SecretAccessKey));
            Assert.Null(((INativeKms)kms).NativeHandle);
            MustWork(kms);
        }

        [Fact]
        public void WhatTheNativeLibraryCannotTakeGoesToClients()
        {
            // AWS knows its regions in any case, and the record keeps the name.
            var upper = new Dictionary<string, string> { ["US-EAST-1"] = server.Keys[Region] };
            var constant = new BasicAWSCredentials(server.AccessKeyId, server.SecretAccessKey);
            Assert.Null(((INativeKms)Services.Legacy(upper).WithCredentials(constant).Build()).NativeHandle);
            var twice = new KeyManagementServiceOptions
            {
                RegionKeyArns = new List<RegionKeyArn>
                {
                    new RegionKeyArn { Region = Region, KeyArn = server.Keys[Region] },
                    new RegionKeyArn
                    {
                        Region = Region, KeyArn = server.NewKey(Region, Guid.NewGuid().ToString()),
                    },
                },
            };
            using var kms = new PlugIn(twice, new KeyManagementClientFactory(constant), NullLoggerFactory.Instance);
            Assert.Null(((INativeKms)kms).NativeHandle);
            MustWork(kms);
        }

        [Fact]
        public void WhatTheNativeLibraryRefusesIsSaidAtBuild()
        {
            const string Foreign = "arn:aws:kms:eu-west-1:111122223333:key/x";
            keys[Region] = Foreign;
            var e = Assert.Throws<ArgumentException>(
                () => New(true, new BasicAWSCredentials(server.AccessKeyId, server.SecretAccessKey)));
            Assert.Contains(Region, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("111122223333", e.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(server.SecretAccessKey, e.ToString(), StringComparison.Ordinal);
        }

        private static void MustWork(IKeyManagementService kms)
        {
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            SystemKeys.MustBe(bytes, kms.DecryptKey(kms.EncryptKey(key), SystemKeys.Created, false));
        }

        private IKeyManagementService New(bool legacy, AWSCredentials credentials)
        {
            return legacy
                ? Services.Legacy(keys).WithCredentials(credentials).Build()
                : Services.Fill(PlugIn.NewBuilder().WithCredentials(credentials), keys, NullLogger.Instance);
        }

        /// <summary>Credentials that are valid until they change.</summary>
        private sealed class Changing : RefreshingAWSCredentials
        {
            private readonly AwsServer server;
            private int made;
            private string current;

            internal Changing(AwsServer server)
            {
                this.server = server;
                PreemptExpiryTime = TimeSpan.Zero;
            }

            internal int Made => Volatile.Read(ref made);

            internal void Change()
            {
                server.Expire(current);
                ClearCredentials();
            }

            protected override CredentialsRefreshState GenerateNewCredentials()
            {
                current = "ASIA" + Interlocked.Increment(ref made);
                server.AddCredentials(current, "secret of " + current, Token);
                return new CredentialsRefreshState(
                    new ImmutableCredentials(current, "secret of " + current, Token), DateTime.UtcNow.AddHours(1));
            }
        }

        private sealed class Derived : BasicAWSCredentials
        {
            internal Derived(string id, string secret)
                : base(id, secret)
            {
            }
        }
    }
}
