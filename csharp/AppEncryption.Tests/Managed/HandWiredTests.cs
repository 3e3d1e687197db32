using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Envelope;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Keys;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>Envelope encryption and sessions put together by hand, as canonical Asherah's users do.</summary>
    public sealed class HandWiredTests : IDisposable
    {
        private readonly RowStore store = new RowStore();
        private readonly RawKms kms = new RawKms(TestSetup.Bytes(TestSetup.Key));
        private readonly CountingCrypto crypto = new CountingCrypto();
        private readonly SecureCryptoKeyDictionary<DateTimeOffset> systemKeys =
            new SecureCryptoKeyDictionary<DateTimeOffset>(long.MaxValue);

        public void Dispose()
        {
            kms.Dispose();
            crypto.Dispose();
            systemKeys.Dispose();
        }

        [Fact]
        public async Task SessionsWorkOnIt()
        {
            using (var session = new SessionBytesImpl<byte[]>(new EnvelopeEncryptionBytesImpl(NewJson())))
            {
                byte[] record = session.Encrypt(new byte[] { 1, 2 });
                Assert.Equal(new byte[] { 1, 2 }, session.Decrypt(record));
                record = await session.EncryptAsync(new byte[] { 3 });
                Assert.Equal(new byte[] { 3 }, await session.DecryptAsync(record));
                Assert.Equal(2, crypto.Envelopes); // the application's own cipher is at work
            }

            using (var session = new SessionJsonImpl<JObject>(NewJson()))
            {
                var payload = new JObject { ["a"] = "2020-01-01" };
                JObject record = session.Encrypt(payload);
                Assert.Equal(payload, session.Decrypt(record));
                record = await session.EncryptAsync(payload);
                Assert.Equal(payload, await session.DecryptAsync(record));
                Assert.Throws<ArgumentException>(() => session.Encrypt(null));
            }
        }

        [Fact]
        public void TextIsReadStrictly()
        {
            var bytes = new EnvelopeEncryptionBytesImpl(NewJson());
            byte[] record = bytes.EncryptPayload(new byte[] { 1 });
            string text = TestSetup.Text(record);
            Assert.Throws<ArgumentNullException>("buffer", () => bytes.DecryptDataRowRecord(null));
            Assert.Throws<JsonReaderException>(() => bytes.DecryptDataRowRecord(TestSetup.Bytes("[]")));
            foreach (string altered in new[] { text + " x", "\ufeff" + text, text.Replace('"', '\'') })
            {
                Assert.ThrowsAny<Exception>(() => bytes.DecryptDataRowRecord(TestSetup.Bytes(altered)));
            }

            Assert.Equal(new byte[] { 1 }, bytes.DecryptDataRowRecord(TestSetup.Bytes(" " + text + "\n")));
        }

        [Fact]
        public void OnlyTheIntermediateKeysAreDisposed()
        {
            EnvelopeEncryptionJsonImpl json = NewJson();
            JObject record = json.EncryptPayload(new byte[] { 1 });
            json.Dispose();
            json.Dispose();
            Assert.Throws<ObjectDisposedException>(() => json.DecryptDataRowRecord(record));
            store.TakeCalls();
            using EnvelopeEncryptionJsonImpl other = NewJson();
            Assert.Equal(new byte[] { 1 }, other.DecryptDataRowRecord(record));
            Assert.Equal("Load IK", store.TakeCalls());
        }

        [Fact]
        public void FailuresOfDisposingStayInside()
        {
            var session = new SessionBytesImpl<JObject>(new FailsOnDispose());
            session.Dispose();
            new SessionJsonImpl<JObject>(new FailsOnDispose()).Dispose();
            new EnvelopeEncryptionBytesImpl(new FailsOnDispose()).Dispose();
        }

        private EnvelopeEncryptionJsonImpl NewJson()
        {
            return new EnvelopeEncryptionJsonImpl(
                new DefaultPartition("p", "service", "product"),
                store,
                systemKeys,
                new SecureCryptoKeyDictionary<DateTimeOffset>(long.MaxValue),
                crypto,
                new NeverExpiredCryptoPolicy(),
                kms);
        }

        private sealed class CountingCrypto : BouncyAes256GcmCrypto
        {
            internal int Envelopes { get; private set; }

            public override byte[] EnvelopeDecrypt(
                byte[] cipherText, byte[] encryptedKey, DateTimeOffset keyCreated, CryptoKey keyEncryptionKey)
            {
                Envelopes++;
                return base.EnvelopeDecrypt(cipherText, encryptedKey, keyCreated, keyEncryptionKey);
            }
        }

        private sealed class FailsOnDispose : IEnvelopeEncryption<JObject>
        {
            public byte[] DecryptDataRowRecord(JObject dataRowRecord)
            {
                throw new NotSupportedException();
            }

            public JObject EncryptPayload(byte[] payload)
            {
                throw new NotSupportedException();
            }

            public Task<byte[]> DecryptDataRowRecordAsync(JObject dataRowRecord)
            {
                throw new NotSupportedException();
            }

            public Task<JObject> EncryptPayloadAsync(byte[] payload)
            {
                throw new NotSupportedException();
            }

            public void Dispose()
            {
                throw new InvalidOperationException("on dispose");
            }
        }
    }
}
