using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using GoDaddy.Asherah.Crypto.Envelope;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.AppEncryption.Kms.Aws
{
    /// <summary>
    /// Wraps system keys with clients of the AWS SDK for .NET, in the format and by the rules of the native library:
    /// for credentials that refresh, for clients of the application's own and for the managed engine. Safe for use by
    /// many threads at once. No thread waits for AWS. What the SDK copies of data keys into its requests and answers
    /// cannot be wiped; our copies are.
    /// </summary>
    internal sealed class ManagedAwsKms
    {
        private readonly AwsKmsSettings settings;
        private readonly IReadOnlyList<IAmazonKeyManagementService> clients;
        private readonly AeadEnvelopeCrypto crypto;
        private readonly AwsKmsFailure failure;
        private readonly AwsKmsObserver observer;

        /// <summary>Makes one.</summary>
        /// <param name="settings">The regions.</param>
        /// <param name="newClient">Makes the client of a region.</param>
        /// <param name="crypto">Seals system keys.</param>
        /// <param name="failure">Makes exceptions.</param>
        /// <param name="observer">Is told.</param>
        internal ManagedAwsKms(
            AwsKmsSettings settings,
            Func<string, IAmazonKeyManagementService> newClient,
            AeadEnvelopeCrypto crypto,
            AwsKmsFailure failure,
            AwsKmsObserver observer)
        {
            this.settings = settings;
            this.crypto = crypto;
            this.failure = failure;
            this.observer = observer;
            clients = settings.Regions.Select(r => newClient(r.Region)).ToArray();
        }

        /// <summary>Wraps a key.</summary>
        internal async Task<byte[]> EncryptKeyAsync(CryptoKey key)
        {
            (int maker, AwsKeyEnvelope.Kek made, KeyBytes dataKey) = await GenerateAsync().ConfigureAwait(false);
            using (dataKey)
            {
                try
                {
                    var keks = new List<AwsKeyEnvelope.Kek> { made };
                    byte[] encryptedKey = Seal(key, dataKey);

                    // All are waited for before the data key is wiped.
                    AwsKeyEnvelope.Kek[] others = await Task.WhenAll(
                        Enumerable.Range(0, clients.Count).Where(i => i != maker).Select(i => WrapAsync(i, dataKey)))
                        .ConfigureAwait(false);
                    keks.AddRange(others.Where(kek => kek != null));
                    return new AwsKeyEnvelope(encryptedKey, keks).Encode();
                }
                catch (Exception e)
                {
                    observer.EncryptFailed(e);
                    throw failure.Unexpected(e);
                }
            }
        }

        /// <summary>Unwraps a key with the help of the first region that can.</summary>
        internal async Task<CryptoKey> DecryptKeyAsync(byte[] wrapped, DateTimeOffset created, bool revoked)
        {
            AwsKeyEnvelope envelope = Decode(wrapped);
            foreach (AwsKeyEnvelope.Kek kek in envelope.Keks)
            {
                if (!settings.Regions.Any(r => r.IsIn(kek.Region)))
                {
                    observer.NoClient(kek.Region);
                }
            }

            var failures = new List<KeyValuePair<string, Exception>>();
            for (int i = 0; i < clients.Count; i++)
            {
                AwsRegionKey region = settings.Regions[i];
                foreach (AwsKeyEnvelope.Kek kek in envelope.Keks.Where(k => region.IsIn(k.Region)))
                {
                    try
                    {
                        using (KeyBytes dataKey = await UnwrapAsync(i, kek).ConfigureAwait(false))
                        using (CryptoKey opener = crypto.GenerateKeyFromBytes(dataKey.Bytes))
                        {
                            return crypto.DecryptKey(envelope.EncryptedKey, created, opener, revoked);
                        }
                    }
                    catch (Exception e)
                    {
                        observer.DecryptFailed(region.Region, e);
                        failures.Add(new KeyValuePair<string, Exception>(region.Region, e));
                    }
                }
            }

            throw failure.Decrypting(AwsKmsFailure.Describe(failures));
        }

        private AwsKeyEnvelope Decode(byte[] wrapped)
        {
            try
            {
                return AwsKeyEnvelope.Decode(wrapped);
            }
            catch (AppEncryptionException e)
            {
                throw failure.Decrypting(e);
            }
        }

        private byte[] Seal(CryptoKey key, KeyBytes dataKey)
        {
            using (CryptoKey sealer = crypto.GenerateKeyFromBytes(dataKey.Bytes))
            {
                return crypto.EncryptKey(key, sealer);
            }
        }

        private async Task<(int Maker, AwsKeyEnvelope.Kek Made, KeyBytes DataKey)> GenerateAsync()
        {
            var failures = new List<KeyValuePair<string, Exception>>();
            for (int i = 0; i < clients.Count; i++)
            {
                AwsRegionKey region = settings.Regions[i];
                try
                {
                    var request = new GenerateDataKeyRequest { KeyId = region.Arn, KeySpec = DataKeySpec.AES_256 };
                    using (observer.Time("generatedatakey", region.Region))
                    {
                        GenerateDataKeyResponse made =
                            await clients[i].GenerateDataKeyAsync(request).ConfigureAwait(false);
                        return NewDataKey(i, made);
                    }
                }
                catch (Exception e)
                {
                    observer.GenerateFailed(region.Region, e);
                    failures.Add(new KeyValuePair<string, Exception>(region.Region, e));
                }
            }

            throw failure.Generating(AwsKmsFailure.Describe(failures));
        }

        private (int Maker, AwsKeyEnvelope.Kek Made, KeyBytes DataKey) NewDataKey(int i, GenerateDataKeyResponse made)
        {
            KeyBytes dataKey = KeyBytes.Take(made.Plaintext);
            try
            {
                return (i, NewKek(i, made.CiphertextBlob), dataKey);
            }
            catch
            {
                dataKey.Dispose();
                throw;
            }
        }

        // Has a region wrap the data key; null where it cannot and need not.
        private async Task<AwsKeyEnvelope.Kek> WrapAsync(int i, KeyBytes dataKey)
        {
            AwsRegionKey region = settings.Regions[i];
            try
            {
                using (observer.Time("encrypt", region.Region))
                using (var plaintext = new MemoryStream(dataKey.Bytes, writable: false))
                {
                    var request = new EncryptRequest { KeyId = region.Arn, Plaintext = plaintext };
                    EncryptResponse answer = await clients[i].EncryptAsync(request).ConfigureAwait(false);
                    return NewKek(i, answer.CiphertextBlob);
                }
            }
            catch (Exception e) when (!settings.RequireAllRegions)
            {
                observer.WrapFailed(region.Region, e);
                return null;
            }
        }

        private async Task<KeyBytes> UnwrapAsync(int i, AwsKeyEnvelope.Kek kek)
        {
            AwsRegionKey region = settings.Regions[i];
            using (observer.Time("decrypt", region.Region))
            using (var wrapped = new MemoryStream(kek.Wrapped, writable: false))
            {
                var request = new DecryptRequest { CiphertextBlob = wrapped };
                if (!settings.AnyKey)
                {
                    // Nobody can then have records opened with a key of his.
                    request.KeyId = region.Arn;
                }

                DecryptResponse answer = await clients[i].DecryptAsync(request).ConfigureAwait(false);
                return KeyBytes.Take(answer.Plaintext);
            }
        }

        private AwsKeyEnvelope.Kek NewKek(int i, MemoryStream wrapped)
        {
            if (wrapped == null || wrapped.Length == 0)
            {
                throw new InvalidDataException("The answer has no wrapped key.");
            }

            return new AwsKeyEnvelope.Kek(settings.Regions[i].Region, settings.Regions[i].Arn, wrapped.ToArray());
        }
    }
}
