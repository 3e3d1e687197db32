using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.PlatformNative.Interop;
using GoDaddy.Asherah.Crypto.Exceptions;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>Payloads and records as bytes: what the native library takes and gives.</summary>
    internal sealed class BytesSession : Session<byte[], byte[]>
    {
        private readonly PartitionSession session;

        internal BytesSession(PartitionSession session)
        {
            this.session = session;
        }

        public override byte[] Encrypt(byte[] payLoad)
        {
            return session.Encrypt(RequirePayload(payLoad), 0);
        }

        public override byte[] Decrypt(byte[] dataRowRecord)
        {
            return session.Decrypt(RequireRecord(dataRowRecord), 0);
        }

        public override Task<byte[]> EncryptAsync(byte[] payLoad)
        {
            byte[] record;
            try
            {
                record = session.Encrypt(RequirePayload(payLoad), Native.OnlyIfCached);
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }

            return record != null ? Task.FromResult(record) : EncryptOnPool(payLoad);
        }

        public override Task<byte[]> DecryptAsync(byte[] dataRowRecord)
        {
            byte[] payload;
            try
            {
                payload = session.Decrypt(RequireRecord(dataRowRecord), Native.OnlyIfCached);
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }

            return payload != null ? Task.FromResult(payload) : DecryptOnPool(dataRowRecord);
        }

        public override void Dispose()
        {
            session.Dispose();
        }

        /// <summary>Refuses a null payload with the exception of canonical Asherah.</summary>
        internal static byte[] RequirePayload(byte[] payload)
        {
            return payload ?? throw new AppEncryptionException(
                "There is no payload to encrypt: it is null.", new NullReferenceException("payload"));
        }

        /// <summary>Refuses a null record with the exception of canonical Asherah.</summary>
        internal static byte[] RequireRecord(byte[] record)
        {
            return record ?? throw new ArgumentNullException("buffer");
        }

        // In methods of their own, so that only calls that come here pay for the closure. The native asynchronous
        // functions give a message without a status, from which no exception type can be chosen.
        private Task<byte[]> EncryptOnPool(byte[] payload)
        {
            return Task.Run(() => session.Encrypt(payload, 0));
        }

        private Task<byte[]> DecryptOnPool(byte[] record)
        {
            return Task.Run(() => session.Decrypt(record, 0));
        }
    }
}
