using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.Crypto.Tests
{
    /// <summary>Records of canonical Asherah, decrypted key by key.</summary>
    public sealed class VectorTests
    {
        [Theory]
        [InlineData("static-payloads.json", 18)]
        [InlineData("static-partitions.json", 23)]
        [InlineData("static-rotation.json", 9)]
        [InlineData("static-revoked.json", 13)]
        public void RecordsDecrypt(string file, int cases)
        {
            long before = TestSetup.LiveSecrets();
            using JsonDocument vectors = TestSetup.Vectors(file);
            using (var crypto = new BouncyAes256GcmCrypto())
            using (CryptoKey master = crypto.GenerateKeyFromBytes(
                Convert.FromHexString(vectors.RootElement.GetProperty("kms").GetProperty("key_hex").GetString())))
            {
                Dictionary<string, JsonElement> keys = vectors.RootElement.GetProperty("metastore").EnumerateArray()
                    .ToDictionary(
                        row => row.GetProperty("id").GetString() + row.GetProperty("created").GetInt64(),
                        row => JsonDocument.Parse(row.GetProperty("key_record").GetString()).RootElement);
                int seen = 0;
                foreach (JsonElement test in vectors.RootElement.GetProperty("cases").EnumerateArray())
                {
                    if (test.GetProperty("expect").GetString() == "ok" && !test.TryGetProperty("override", out _))
                    {
                        JsonElement record = JsonDocument.Parse(test.GetProperty("drr").GetString()).RootElement;
                        JsonElement dataKey = record.GetProperty("Key");
                        JsonElement intermediate = keys[Parent(dataKey)];
                        using CryptoKey systemKey = Decrypt(crypto, keys[Parent(intermediate)], master);
                        using CryptoKey intermediateKey = Decrypt(crypto, intermediate, systemKey);
                        byte[] payload = crypto.EnvelopeDecrypt(
                            record.GetProperty("Data").GetBytesFromBase64(),
                            dataKey.GetProperty("Key").GetBytesFromBase64(),
                            Created(dataKey),
                            intermediateKey);
                        Assert.Equal(test.GetProperty("plaintext_base64").GetBytesFromBase64(), payload);
                        seen++;
                    }
                }

                Assert.Equal(cases, seen);
            }

            Assert.Equal(before, TestSetup.LiveSecrets());
        }

        private static CryptoKey Decrypt(BouncyAes256GcmCrypto crypto, JsonElement record, CryptoKey key)
        {
            return crypto.DecryptKey(record.GetProperty("Key").GetBytesFromBase64(), Created(record), key);
        }

        private static string Parent(JsonElement record)
        {
            JsonElement parent = record.GetProperty("ParentKeyMeta");
            return parent.GetProperty("KeyId").GetString() + parent.GetProperty("Created").GetInt64();
        }

        private static DateTimeOffset Created(JsonElement record)
        {
            return DateTimeOffset.FromUnixTimeSeconds(record.GetProperty("Created").GetInt64());
        }
    }
}
