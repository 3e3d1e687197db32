using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms;
using GoDaddy.Asherah.Crypto.Keys;
using Microsoft.Extensions.Logging.Abstractions;
using PlugIn = GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementService;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>Builder, options and disposal of the plug-in, and the builder of the older class.</summary>
    public sealed class PlugInTests
    {
        private const string Region = "us-west-2";
        private const string Arn = "arn:aws:kms:us-west-2:111122223333:key/abc";

        private static readonly BasicAWSCredentials Constant = new BasicAWSCredentials("id", "secret");

        [Theory]
        [InlineData(null, Arn, "region")]
        [InlineData("", Arn, "region")]
        [InlineData(Region, null, "keyArn")]
        [InlineData(Region, "", "keyArn")]
        public void RegionsAndKeysAreNotEmpty(string region, string arn, string parameter)
        {
            var e = Assert.Throws<ArgumentException>(() => PlugIn.NewBuilder().WithRegionKeyArn(region, arn));
            Assert.Equal(parameter, e.ParamName);
        }

        [Fact]
        public void WhatIsMissingIsSaidAtBuild()
        {
            IKeyManagementServiceBuilder builder = PlugIn.NewBuilder();
            Assert.Equal("LoggerFactory must be provided", Missing(builder));
            builder.WithLoggerFactory(NullLoggerFactory.Instance);
            Assert.Equal(
                "At least one region and key ARN pair must be provided if not using WithOptions", Missing(builder));
            builder.WithRegionKeyArn(Region, Arn);
            Assert.Equal("Either credentials or a KMS client factory must be provided", Missing(builder));
            builder.WithCredentials(new AnonymousAWSCredentials()).Build().Dispose();
        }

        [Fact]
        public void AClientFactoryGoesBeforeCredentialsAndOptionsBeforeRegions()
        {
            var clients = new Clients(_ => FakeClient.New(client => { }));
            using PlugIn kms = PlugIn.NewBuilder()
                .WithLoggerFactory(NullLoggerFactory.Instance)
                .WithCredentials(Constant)
                .WithKmsClientFactory(clients)
                .WithRegionKeyArn("eu-west-1", "other")
                .WithOptions(Options(Region, "us-east-1"))
                .Build();
            Assert.Null(((INativeKms)kms).NativeHandle);
            Assert.Equal(new[] { Region, "us-east-1" }, clients.Asked);
        }

        [Fact]
        public void ArgumentsOfTheConstructorAreChecked()
        {
            var factory = new KeyManagementClientFactory(Constant);
            Assert.Throws<ArgumentNullException>(() => new PlugIn(null, factory, NullLoggerFactory.Instance));
            Assert.Throws<ArgumentNullException>(() => new PlugIn(Options(Region), null, NullLoggerFactory.Instance));
            Assert.Throws<ArgumentNullException>(() => new PlugIn(Options(Region), factory, null));
            foreach (KeyManagementServiceOptions options in new[]
            {
                Options(Region, null),
                Options(Region, string.Empty),
                new KeyManagementServiceOptions { RegionKeyArns = null },
            })
            {
                Assert.Throws<ArgumentException>(() => new PlugIn(options, factory, NullLoggerFactory.Instance));
            }
        }

        [Fact]
        public void WithoutRegionsNothingCanBeWrapped()
        {
            using var kms = new PlugIn(
                new KeyManagementServiceOptions(),
                new KeyManagementClientFactory(Constant),
                NullLoggerFactory.Instance);
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            Assert.Throws<KmsException>(() => kms.EncryptKey(key));
        }

        [Theory]
        [InlineData(true)]
        [InlineData(false)]
        public async Task AfterDisposeNothingWorks(bool native)
        {
            IKeyManagementClientFactory factory = native
                ? new KeyManagementClientFactory(Constant)
                : new Clients(_ => FakeClient.New(client => { }));
            var kms = new PlugIn(Options(Region), factory, NullLoggerFactory.Instance);
            kms.Dispose();
            kms.Dispose();
            using CryptoKey key = SystemKeys.Of(SystemKeys.NewBytes());
            Assert.Throws<ObjectDisposedException>(() => kms.EncryptKey(key));
            Assert.Throws<ObjectDisposedException>(() => kms.DecryptKey(new byte[1], SystemKeys.Created, false));
            Task<byte[]> faulted = kms.EncryptKeyAsync(key);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => faulted);
            Task<CryptoKey> other = kms.DecryptKeyAsync(new byte[1], SystemKeys.Created, false);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => other);
        }

        [Fact]
        public void OptionsAreJson()
        {
            const string Json = "{\"regionKeyArns\":[{\"region\":\"us-west-2\",\"keyArn\":\"a\"}]}";
            var options = JsonSerializer.Deserialize<KeyManagementServiceOptions>(Json);
            Assert.Equal(Region, options.RegionKeyArns.Single().Region);
            Assert.Equal("a", options.RegionKeyArns.Single().KeyArn);
            JsonElement written = JsonSerializer.SerializeToElement(options).GetProperty("regionKeyArns")[0];
            Assert.Equal(Region, written.GetProperty("region").GetString());
            Assert.Equal("a", written.GetProperty("keyArn").GetString());
            Assert.Empty(new KeyManagementServiceOptions().RegionKeyArns);
        }

        [Theory]
        [InlineData("c,a", "c,a,B,d")]
        [InlineData("b", "B,a,c,d")]
        [InlineData("", "a,B,c,d")]
        [InlineData("x,y", "a,B,c,d")]
        [InlineData("a,a,B", "a,B,c,d")]
        [InlineData("d,,C", "d,c,a,B")]
        public void RegionsAreOptimized(string priority, string expected)
        {
            KeyManagementServiceOptions options = Options("a", "B", "c", "d");
            var names = new List<string>(priority.Split(',')) { null };
            KeyManagementServiceOptions ordered = options.OptimizeByRegions(names.ToArray());
            Assert.Equal(expected, string.Join(",", ordered.RegionKeyArns.Select(r => r.Region)));
            Assert.NotSame(options, ordered);
            Assert.Equal(options.RegionKeyArns, options.OptimizeByRegions().RegionKeyArns);
            Assert.Equal("a,B,c,d", string.Join(",", options.RegionKeyArns.Select(r => r.Region)));
            Assert.Throws<ArgumentNullException>(
                () => KeyManagementServiceOptionsExtensions.OptimizeByRegions(null, "a"));
        }

        [Theory]
        [InlineData(null)]
        [InlineData("")]
        [InlineData(" ")]
        public void ClientsHaveARegion(string region)
        {
            var factory = new KeyManagementClientFactory(Constant);
            Assert.Equal("region", Assert.Throws<ArgumentException>(() => factory.CreateForRegion(region)).ParamName);
            using IAmazonKeyManagementService client = factory.CreateForRegion(Region);
            Assert.Equal(Region, client.Config.RegionEndpoint.SystemName);
        }

        [Fact]
        public void TheOlderBuilderNamesItsParameterAsBefore()
        {
#pragma warning disable CS0618 // What is obsolete is there still.
            var e = Assert.Throws<ArgumentNullException>(
                () => AppEncryption.Kms.AwsKeyManagementServiceImpl.NewBuilder(null, Region));
            Assert.Equal("source", e.ParamName);
            Assert.NotNull(
                AppEncryption.Kms.AwsKeyManagementServiceImpl
                    .NewBuilder(new Dictionary<string, string> { [Region] = Arn }, "not there")
                    .WithCredentials(Constant)
                    .Build());
#pragma warning restore CS0618
        }

        private static string Missing(IKeyManagementServiceBuilder builder)
        {
            return Assert.Throws<InvalidOperationException>(() => builder.Build()).Message;
        }

        private static KeyManagementServiceOptions Options(params string[] regions)
        {
            return new KeyManagementServiceOptions
            {
                RegionKeyArns = regions.Select(r => new RegionKeyArn { Region = r, KeyArn = "key-" + r }).ToList(),
            };
        }
    }
}
