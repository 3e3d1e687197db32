using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.PlatformNative.Interop;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>
    /// A session whose payloads, records or both are JSON objects, converted to the bytes that the native library
    /// takes.
    /// </summary>
    internal sealed class JsonSession<TP, TD> : Session<TP, TD>
        where TP : class
        where TD : class
    {
        private readonly PartitionSession session;
        private readonly Func<TP, byte[]> payloadToBytes;
        private readonly Func<byte[], TP> bytesToPayload;
        private readonly Func<TD, byte[]> recordToBytes;
        private readonly Func<byte[], TD> bytesToRecord;

        internal JsonSession(
            PartitionSession session,
            Func<TP, byte[]> payloadToBytes,
            Func<byte[], TP> bytesToPayload,
            Func<TD, byte[]> recordToBytes,
            Func<byte[], TD> bytesToRecord)
        {
            this.session = session;
            this.payloadToBytes = payloadToBytes;
            this.bytesToPayload = bytesToPayload;
            this.recordToBytes = recordToBytes;
            this.bytesToRecord = bytesToRecord;
        }

        public override TD Encrypt(TP payLoad)
        {
            return Encrypt(payLoad, 0);
        }

        public override TP Decrypt(TD dataRowRecord)
        {
            return Decrypt(dataRowRecord, 0);
        }

        public override Task<TD> EncryptAsync(TP payLoad)
        {
            try
            {
                TD record = Encrypt(payLoad, Native.OnlyIfCached);
                return record != null ? Task.FromResult(record) : EncryptOnPool(payLoad);
            }
            catch (Exception e)
            {
                return Task.FromException<TD>(e);
            }
        }

        public override Task<TP> DecryptAsync(TD dataRowRecord)
        {
            try
            {
                TP payload = Decrypt(dataRowRecord, Native.OnlyIfCached);
                return payload != null ? Task.FromResult(payload) : DecryptOnPool(dataRowRecord);
            }
            catch (Exception e)
            {
                return Task.FromException<TP>(e);
            }
        }

        public override void Dispose()
        {
            session.Dispose();
        }

        private Task<TD> EncryptOnPool(TP payload)
        {
            return Task.Run(() => Encrypt(payload, 0));
        }

        private Task<TP> DecryptOnPool(TD record)
        {
            return Task.Run(() => Decrypt(record, 0));
        }

        private TD Encrypt(TP payload, uint flags)
        {
            byte[] plaintext = payloadToBytes(payload);
            try
            {
                byte[] record = session.Encrypt(plaintext, flags);
                return record == null ? null : bytesToRecord(record);
            }
            finally
            {
                WipeCopy(plaintext, payload);
            }
        }

        private TP Decrypt(TD record, uint flags)
        {
            byte[] plaintext = session.Decrypt(recordToBytes(record), flags);
            if (plaintext == null)
            {
                return null;
            }

            TP payload = null;
            try
            {
                payload = bytesToPayload(plaintext);
                return payload;
            }
            finally
            {
                WipeCopy(plaintext, payload);
            }
        }

        // Where the payload is bytes, these are the caller's own.
        private static void WipeCopy(byte[] plaintext, TP payload)
        {
            if (!ReferenceEquals(plaintext, payload))
            {
                Memory.Wipe(plaintext);
            }
        }
    }

    /// <summary>Makes the sessions in which JSON objects take part.</summary>
    internal static class JsonSession
    {
        internal static Session<JObject, byte[]> WithJsonPayload(PartitionSession session)
        {
            return new JsonSession<JObject, byte[]>(
                session, FromObject, JsonText.Parse, BytesSession.RequireRecord, Same);
        }

        internal static Session<byte[], JObject> WithJsonRecord(PartitionSession session)
        {
            return new JsonSession<byte[], JObject>(
                session, BytesSession.RequirePayload, Same, FromObject, JsonText.Parse);
        }

        internal static Session<JObject, JObject> WithJsonPayloadAndRecord(PartitionSession session)
        {
            return new JsonSession<JObject, JObject>(session, FromObject, JsonText.Parse, FromObject, JsonText.Parse);
        }

        private static byte[] FromObject(JObject value)
        {
            if (value == null)
            {
                throw new ArgumentException("jObject is null");
            }

            return JsonText.ToBytes(value, "jObject");
        }

        private static byte[] Same(byte[] bytes)
        {
            return bytes;
        }
    }
}
