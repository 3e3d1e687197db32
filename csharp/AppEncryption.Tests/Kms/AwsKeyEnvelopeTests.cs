using System;
using System.Collections.Generic;
using System.Linq;
using GoDaddy.Asherah.AppEncryption.Kms.Aws;
using GoDaddy.Asherah.Crypto.Exceptions;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>The stored form of a system key that AWS KMS has wrapped.</summary>
    public sealed class AwsKeyEnvelopeTests
    {
        private static readonly string Sealed = Convert.ToBase64String(TestSetup.Pattern(60));

        private static readonly string Kek = "{\"region\":\"r\",\"arn\":\"a\",\"encryptedKek\":\"AAAA\"}";

        public static TheoryData<string> Refused => new TheoryData<string>
        {
            string.Empty,
            "null",
            "[]",
            "{",
            Of(Kek) + "x",
            Of(Kek) + "{}",
            "\ufeff" + Of(Kek),
            Of(Kek).Replace("{\"encr", "{\"encryptedKey\":\"\",\"encr", StringComparison.Ordinal),
            Of(Kek).Replace("\"a\"", "1", StringComparison.Ordinal),
            Of(Kek).Replace("{\"region\"", "{\"region\":\"s\",\"region\"", StringComparison.Ordinal),
            Of("1"),
            Of("[]"),
            Of(Kek + ","),
            Of("/**/" + Kek),
            "{\"encryptedKey\":1,\"kmsKeks\":[" + Kek + "]}",
            "{\"encryptedKey\":\"\\ud800\",\"kmsKeks\":[" + Kek + "]}",
            "{\"encryptedKey\":\"" + Sealed + "\",\"kmsKeks\":{}}",
            "{\"kmsKeks\":[" + Kek + "]}",
            "{\"EncryptedKey\":\"" + Sealed + "\",\"kmsKeks\":[" + Kek + "]}",
            Of(Kek).Replace(Sealed, Sealed.Substring(4), StringComparison.Ordinal),
            Of(Kek).Replace(Sealed, Sealed.Substring(0, 40) + "\\n" + Sealed.Substring(40), StringComparison.Ordinal),
            Of(string.Join(",", Enumerable.Repeat(Kek, 65))),
            "{\"x\":\"" + new string('x', 1 << 20) + "\"," + Of(Kek).Substring(1),
        };

        public static TheoryData<string, int> Accepted => new TheoryData<string, int>
        {
            { Of(Kek), 1 },
            { Of(Kek + "," + Kek), 2 },
            { Of(string.Empty), 0 },
            { "{\"encryptedKey\":\"" + Sealed + "\"}", 0 },
            { "{\"encryptedKey\":\"" + Sealed + "\",\"kmsKeks\":null}", 0 },
            { " { \"other\" : [ { } ] , " + Of(Kek).Substring(1) + "\n", 1 },
            { Of(Kek).Replace("AAAA", "\\u0041AAA", StringComparison.Ordinal), 1 },
            { Of(Kek.Replace("AAAA", "no base64", StringComparison.Ordinal)), 0 },
            { Of(Kek.Replace("AAAA", string.Empty, StringComparison.Ordinal)), 0 },
            { Of(Kek.Replace("AAAA", new string('A', 8196), StringComparison.Ordinal)), 0 },
            { Of(Kek.Replace("\"r\"", "null", StringComparison.Ordinal)), 0 },
            { Of("{}"), 0 },
        };

        [Theory]
        [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
        public void WhatIsNoneIsRefused(string text)
        {
            Assert.Throws<AppEncryptionException>(() => AwsKeyEnvelope.Decode(TestSetup.Bytes(text)));
        }

        [Theory]
        [MemberData(nameof(Accepted), DisableDiscoveryEnumeration = true)]
        public void SpoiltKeysAreLeftOut(string text, int keks)
        {
            AwsKeyEnvelope envelope = AwsKeyEnvelope.Decode(TestSetup.Bytes(text));
            Assert.Equal(TestSetup.Pattern(60), envelope.EncryptedKey);
            Assert.Equal(keks, envelope.Keks.Count);
            Assert.All(envelope.Keks, kek => Assert.Equal(new byte[3], kek.Wrapped));
        }

        [Fact]
        public void TheFormIsCompact()
        {
            var envelope = new AwsKeyEnvelope(
                TestSetup.Pattern(60), new List<AwsKeyEnvelope.Kek> { new AwsKeyEnvelope.Kek("r", "a", new byte[3]) });
            Assert.Equal(Of(Kek), TestSetup.Text(envelope.Encode()));
            envelope = new AwsKeyEnvelope(
                Enumerable.Repeat((byte)0xfb, 60).ToArray(), new List<AwsKeyEnvelope.Kek>());
            Assert.Contains("+/v7", TestSetup.Text(envelope.Encode()), StringComparison.Ordinal);
        }

        private static string Of(string keks)
        {
            return "{\"encryptedKey\":\"" + Sealed + "\",\"kmsKeks\":[" + keks + "]}";
        }
    }
}
