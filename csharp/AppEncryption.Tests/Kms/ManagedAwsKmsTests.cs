using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Kms.Aws;
using GoDaddy.Asherah.AppEncryption.Tests.Logging;
using GoDaddy.Asherah.AppEncryption.Util;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Keys;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PlugIn = GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementService;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>The managed clients' side: what becomes of data keys, of threads, and what is logged.</summary>
    public sealed class ManagedAwsKmsTests
    {
        private static readonly Dictionary<string, string> TwoRegions = new Dictionary<string, string>
        {
            ["us-west-2"] = "west",
            ["us-east-1"] = "east",
        };

        [Theory]
        [InlineData(true, true)]
        [InlineData(true, false)]
        [InlineData(false, true)]
        public void DataKeysAreWiped(bool visible, bool writable)
        {
            var streams = new List<MemoryStream>();
            var requests = new List<MemoryStream>();
            byte[] dataKey = SystemKeys.NewBytes();
            MemoryStream Answer()
            {
                var stream = new MemoryStream((byte[])dataKey.Clone(), 0, 32, writable, visible);
                streams.Add(stream);
                return stream;
            }

            IKeyManagementService kms = New(false, NullLogger.Instance, region => FakeClient.New(client =>
            {
                client.Generate = _ => Task.FromResult(
                    new GenerateDataKeyResponse { Plaintext = Answer(), CiphertextBlob = new MemoryStream(dataKey) });
                client.Encrypt = request =>
                {
                    Assert.Equal(dataKey, request.Plaintext.ToArray());
                    requests.Add(request.Plaintext);
                    return Task.FromResult(new EncryptResponse { CiphertextBlob = new MemoryStream(dataKey) });
                };
                client.Decrypt = _ => Task.FromResult(new DecryptResponse { Plaintext = Answer() });
            }));
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            byte[] wrapped = kms.EncryptKey(key);
            SystemKeys.MustBe(bytes, kms.DecryptKey(wrapped, SystemKeys.Created, false));
            Assert.Equal(2, streams.Count);
            Assert.Single(requests);
            Assert.All(streams.Concat(requests), stream => Assert.All(stream.ToArray(), b => Assert.Equal(0, b)));
        }

        [Fact]
        public void DataKeysAreWipedAfterFailures()
        {
            MemoryStream request = null;
            var answer = new MemoryStream(new byte[16].Select(_ => (byte)1).ToArray(), 0, 16, true, true);
            IKeyManagementService kms = New(false, NullLogger.Instance, region => FakeClient.New(client =>
            {
                client.Generate = _ => Task.FromResult(region == "us-west-2"
                    ? new GenerateDataKeyResponse { Plaintext = answer, CiphertextBlob = new MemoryStream(new byte[1]) }
                    : new GenerateDataKeyResponse
                    {
                        Plaintext = new MemoryStream(SystemKeys.NewBytes()),
                        CiphertextBlob = new MemoryStream(new byte[1]),
                    });
                client.Encrypt = r =>
                {
                    request = r.Plaintext;
                    throw new KeyUnavailableException("not today");
                };
            }));
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            Assert.Throws<KmsException>(() => kms.EncryptKey(key));
            Assert.All(answer.ToArray(), b => Assert.Equal(0, b));
            Assert.Equal(32, request.ToArray().Length);
            Assert.All(request.ToArray(), b => Assert.Equal(0, b));
        }

        [Fact]
        public void AnAnswerWithoutAWrappedKeyIsAFailureOfItsRegion()
        {
            var answer = new MemoryStream(SystemKeys.NewBytes(), 0, 32, true, true);
            var asked = new List<string>();
            IKeyManagementService kms = New(false, NullLogger.Instance, region => FakeClient.New(client =>
            {
                client.Generate = _ =>
                {
                    asked.Add(region);
                    return Task.FromResult(region == "us-west-2"
                        ? new GenerateDataKeyResponse { Plaintext = answer }
                        : new GenerateDataKeyResponse
                        {
                            Plaintext = new MemoryStream(SystemKeys.NewBytes()),
                            CiphertextBlob = new MemoryStream(new byte[] { 1 }),
                        });
                };
                client.Encrypt = _ => Task.FromResult(
                    new EncryptResponse { CiphertextBlob = new MemoryStream(new byte[] { 2 }) });
            }));
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            Assert.Equal(
                new[] { "us-east-1 1", "us-west-2 2" },
                AwsKeyEnvelope.Decode(kms.EncryptKey(key)).Keks.Select(k => k.Region + " " + k.Wrapped[0]));
            Assert.Equal(new[] { "us-west-2", "us-east-1" }, asked);
            Assert.All(answer.ToArray(), b => Assert.Equal(0, b));
        }

        [Theory]
        [InlineData(true)]
        [InlineData(false)]
        public async Task NoThreadWaitsForAws(bool legacy)
        {
            var asked = new TaskCompletionSource<GenerateDataKeyResponse>();
            var decrypted = new TaskCompletionSource<DecryptResponse>();
            byte[] dataKey = SystemKeys.NewBytes();
            IKeyManagementService kms = New(legacy, NullLogger.Instance, region => FakeClient.New(client =>
            {
                client.Generate = _ => asked.Task;
                client.Encrypt = _ => Task.FromResult(
                    new EncryptResponse { CiphertextBlob = new MemoryStream(new byte[] { 1 }) });
                client.Decrypt = _ => decrypted.Task;
            }));
            byte[] bytes = SystemKeys.NewBytes();
            using CryptoKey key = SystemKeys.Of(bytes);
            Task<byte[]> encrypting = kms.EncryptKeyAsync(key);
            Assert.False(encrypting.IsCompleted);
            asked.SetResult(new GenerateDataKeyResponse
            {
                Plaintext = new MemoryStream((byte[])dataKey.Clone()),
                CiphertextBlob = new MemoryStream(new byte[] { 1 }),
            });
            Task<CryptoKey> decrypting = kms.DecryptKeyAsync(await encrypting, SystemKeys.Created, false);
            Assert.False(decrypting.IsCompleted);
            decrypted.SetResult(new DecryptResponse { Plaintext = new MemoryStream(dataKey) });
            SystemKeys.MustBe(bytes, await decrypting);
        }

        [Fact]
        public void LegacyLinesAreTheCanonicalOnes()
        {
            var log = new KeptLines();
            Fail(New(true, log, Broken));
            Assert.Equal(
                new[]
                {
                    "Warning 0 Failed to generate data key via region {Region} KMS, trying next region | us-west-2",
                    "Warning 0 Failed to generate data key via region {Region} KMS, trying next region | us-east-1",
                    "Warning 0 Failed to decrypt due to no client for region {Region}, trying next region | eu-west-1",
                    "Warning 0 Failed to decrypt via region {Region} KMS, trying next region | us-west-2",
                    "Warning 0 Failed to decrypt via region {Region} KMS, trying next region | us-east-1",
                },
                log.Lines);

            log.Lines.Clear();
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            New(true, log, WithoutEncrypt).EncryptKey(key);
            Assert.Equal(
                new[] { "Warning 0 Failed to encrypt generated data key via region {Region} KMS | us-east-1" },
                log.Lines);
        }

        [Fact]
        public void LinesOfThePlugInAreTheCanonicalOnes()
        {
            var log = new KeptLines();
            Fail(New(false, log, Broken));
            Assert.Equal(
                new[]
                {
                    "Warning 1 Failed to generate data key via region {Region} KMS, trying next region | us-west-2",
                    "Warning 1 Failed to generate data key via region {Region} KMS, trying next region | us-east-1",
                    "Warning 3 Failed to decrypt via region {Region} KMS, trying next region | us-west-2",
                    "Warning 3 Failed to decrypt via region {Region} KMS, trying next region | us-east-1",
                },
                log.Lines);

            log.Lines.Clear();
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            Assert.Throws<KmsException>(() => New(false, log, WithoutEncrypt).EncryptKey(key));
            Assert.Equal(new[] { "Error 2 Unexpected execution exception while encrypting KMS data key" }, log.Lines);
        }

        [Fact]
        public void WithoutALoggerAllIsSilent()
        {
            Fail(New(true, null, Broken));
        }

        [Fact]
        public async Task EachRegionHasItsTimer()
        {
            (IMetrics metrics, MetricsRecorder recorder) = MetricsRecorder.New();
            MetricsUtil.SetMetricsInstance(metrics);
            try
            {
                byte[] dataKey = SystemKeys.NewBytes();
                IKeyManagementService kms = New(true, null, region => FakeClient.New(client =>
                {
                    client.Generate = _ => Task.FromResult(new GenerateDataKeyResponse
                    {
                        Plaintext = new MemoryStream((byte[])dataKey.Clone()),
                        CiphertextBlob = new MemoryStream(new byte[] { 1 }),
                    });
                    client.Encrypt = _ => Task.FromResult(
                        new EncryptResponse { CiphertextBlob = new MemoryStream(new byte[] { 1 }) });
                    client.Decrypt = _ => Task.FromResult(
                        new DecryptResponse { Plaintext = new MemoryStream((byte[])dataKey.Clone()) });
                }));
                using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
                byte[] wrapped = kms.EncryptKey(key);
                string[] encrypting =
                {
                    "ael.kms.aws.generatedatakey.us-west-2", "ael.kms.aws.encrypt.us-east-1", "ael.kms.aws.encryptkey",
                };
                Assert.Equal(encrypting, recorder.TakeNames());
                await kms.EncryptKeyAsync(key);
                Assert.Equal(encrypting, recorder.TakeNames());

                string[] decrypting = { "ael.kms.aws.decrypt.us-west-2", "ael.kms.aws.decryptkey" };
                kms.DecryptKey(wrapped, SystemKeys.Created, false).Dispose();
                Assert.Equal(decrypting, recorder.TakeNames());
                (await kms.DecryptKeyAsync(wrapped, SystemKeys.Created, false)).Dispose();
                Assert.Equal(decrypting, recorder.TakeNames());
            }
            finally
            {
                MetricsUtil.SetMetricsInstance(null);
            }
        }

        private static IAmazonKeyManagementService Broken(string region)
        {
            return FakeClient.New(client =>
            {
                client.Generate = _ => throw new KeyUnavailableException("not today");
                client.Decrypt = _ => Task.FromException<DecryptResponse>(new KeyUnavailableException("not today"));
            });
        }

        private static IAmazonKeyManagementService WithoutEncrypt(string region)
        {
            return FakeClient.New(client =>
            {
                client.Generate = _ => Task.FromResult(new GenerateDataKeyResponse
                {
                    Plaintext = new MemoryStream(SystemKeys.NewBytes()),
                    CiphertextBlob = new MemoryStream(new byte[] { 1 }),
                });
                client.Encrypt = _ => Task.FromException<EncryptResponse>(new KeyUnavailableException("not today"));
            });
        }

        private static void Fail(IKeyManagementService kms)
        {
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            Assert.Throws<KmsException>(() => kms.EncryptKey(key));
            string sealedKey = Convert.ToBase64String(new byte[60]);
            string keks = string.Join(",", new[] { "us-east-1", "eu-west-1", "us-west-2" }.Select(
                region => "{\"region\":\"" + region + "\",\"arn\":\"a\",\"encryptedKek\":\"AAAA\"}"));
            Assert.Throws<KmsException>(() => kms.DecryptKey(
                TestSetup.Bytes("{\"encryptedKey\":\"" + sealedKey + "\",\"kmsKeks\":[" + keks + "]}"),
                SystemKeys.Created,
                false));
        }

        private static IKeyManagementService New(
            bool legacy, ILogger logger, Func<string, IAmazonKeyManagementService> make)
        {
            if (!legacy)
            {
                return Services.Fill(PlugIn.NewBuilder().WithKmsClientFactory(new Clients(make)), TwoRegions, logger);
            }

#pragma warning disable CS0618 // What is obsolete is there still.
            return new AwsKeyManagementServiceImpl(
                TwoRegions, "us-west-2", new BouncyAes256GcmCrypto(), new Clients(make), null, logger);
#pragma warning restore CS0618
        }
    }
}
