using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>Null and disposed: the exceptions of canonical Asherah, and for the asynchronous forms in the
    /// task.</summary>
    public sealed class ArgumentTests : IDisposable
    {
        private readonly SessionFactory factory = TestSetup.NewFactory();

        public void Dispose()
        {
            factory.Dispose();
        }

        [Fact]
        public async Task NullPayloadAsBytes()
        {
            using Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            using Session<byte[], JObject> asJson = factory.GetSessionBytesAsJson("partition");
            Assert.IsType<NullReferenceException>(
                Assert.Throws<AppEncryptionException>(() => bytes.Encrypt(null)).InnerException);
            Assert.IsType<NullReferenceException>(
                Assert.Throws<AppEncryptionException>(() => asJson.Encrypt(null)).InnerException);
            Task<byte[]> one = bytes.EncryptAsync(null);
            Task<JObject> other = asJson.EncryptAsync(null);
            await Assert.ThrowsAsync<AppEncryptionException>(() => one);
            await Assert.ThrowsAsync<AppEncryptionException>(() => other);
        }

        [Fact]
        public async Task NullPayloadAsJson()
        {
            using Session<JObject, byte[]> session = factory.GetSessionJson("partition");
            Assert.Equal("jObject is null", Assert.Throws<ArgumentException>(() => session.Encrypt(null)).Message);
            Task<byte[]> task = session.EncryptAsync(null);
            await Assert.ThrowsAsync<ArgumentException>(() => task);
        }

        [Fact]
        public async Task NullRecordAsBytes()
        {
            using Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            using Session<JObject, byte[]> json = factory.GetSessionJson("partition");
            Assert.Throws<ArgumentNullException>("buffer", () => bytes.Decrypt(null));
            Assert.Throws<ArgumentNullException>("buffer", () => json.Decrypt(null));
            Task<byte[]> one = bytes.DecryptAsync(null);
            Task<JObject> other = json.DecryptAsync(null);
            await Assert.ThrowsAsync<ArgumentNullException>(() => one);
            await Assert.ThrowsAsync<ArgumentNullException>(() => other);
        }

        [Fact]
        public async Task NullRecordAsJson()
        {
            using Session<byte[], JObject> session = factory.GetSessionBytesAsJson("partition");
            Assert.Throws<ArgumentException>(() => session.Decrypt(null));
            Task<byte[]> task = session.DecryptAsync(null);
            await Assert.ThrowsAsync<ArgumentException>(() => task);
        }

        [Fact]
        public void LoneSurrogatesInJsonAreRefused()
        {
            using Session<JObject, byte[]> session = factory.GetSessionJson("partition");
            Assert.Throws<ArgumentException>(() => session.Encrypt(new JObject { ["a"] = "\ud800" }));
        }

        [Fact]
        public async Task DisposedSessionsSaySo()
        {
            Session<byte[], byte[]> bytes = factory.GetSessionBytes("partition");
            Session<JObject, JObject> json = factory.GetSessionJsonAsJson("partition");
            byte[] record = bytes.Encrypt(new byte[1]);
            JObject jsonRecord = json.Encrypt(new JObject());
            bytes.Dispose();
            bytes.Dispose();
            json.Dispose();
            Assert.Throws<ObjectDisposedException>(() => bytes.Encrypt(new byte[1]));
            Assert.Throws<ObjectDisposedException>(() => bytes.Decrypt(record));
            Assert.Throws<ObjectDisposedException>(() => json.Encrypt(new JObject()));
            Assert.Throws<ObjectDisposedException>(() => json.Decrypt(jsonRecord));
            Task<byte[]> encrypt = bytes.EncryptAsync(new byte[1]);
            Task<byte[]> decrypt = bytes.DecryptAsync(record);
            Task<JObject> jsonEncrypt = json.EncryptAsync(new JObject());
            await Assert.ThrowsAsync<ObjectDisposedException>(() => encrypt);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => decrypt);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => jsonEncrypt);
        }

        [Fact]
        public void SessionsOutliveTheirFactory()
        {
            SessionFactory own = TestSetup.NewFactory();
            using Session<byte[], byte[]> warm = own.GetSessionBytes("warm");
            using Session<byte[], byte[]> cold = own.GetSessionBytes("cold");
            byte[] record = warm.Encrypt(TestSetup.Bytes("text"));
            own.Dispose();
            own.Dispose();
            Assert.Equal("text", TestSetup.Text(warm.Decrypt(record)));
            Assert.Equal("text", TestSetup.Text(cold.Decrypt(cold.Encrypt(TestSetup.Bytes("text")))));
            Assert.Throws<ObjectDisposedException>(() => own.GetSessionBytes("partition"));
            Assert.Throws<ObjectDisposedException>(() => own.GetSessionJsonAsJson("partition"));
        }

        [Fact]
        public void AJsonRecordWithADateInItIsMalformed()
        {
            using Session<byte[], JObject> session = factory.GetSessionBytesAsJson("partition");
            JObject record = session.Encrypt(new byte[3]);
            record["Key"]["Created"] = DateTime.UnixEpoch;
            Assert.Throws<AppEncryptionException>(() => session.Decrypt(record));
            Assert.Throws<AppEncryptionException>(() => session.Decrypt(new JObject()));
        }
    }
}
