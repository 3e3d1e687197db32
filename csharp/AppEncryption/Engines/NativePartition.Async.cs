using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.PlatformNative.Interop;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <content>The asynchronous forms.</content>
    internal sealed partial class NativePartition
    {
        public Task<byte[]> EncryptBytesAsync(byte[] payload)
        {
            byte[] record;
            try
            {
                record = Encrypt(payload, Native.OnlyIfCached);
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }

            return record != null ? Task.FromResult(record) : EncryptLater(payload);
        }

        public Task<byte[]> DecryptBytesAsync(byte[] record)
        {
            byte[] payload;
            try
            {
                payload = Decrypt(record, Native.OnlyIfCached);
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }

            return payload != null ? Task.FromResult(payload) : DecryptLater(record);
        }

        public async Task<JObject> EncryptJsonAsync(byte[] payload)
        {
            return JsonText.Parse(await EncryptBytesAsync(payload).ConfigureAwait(false));
        }

        public Task<byte[]> DecryptJsonAsync(JObject record)
        {
            byte[] text;
            try
            {
                text = JsonText.ToBytes(record, "jObject");
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }

            return DecryptBytesAsync(text);
        }

        // Code of the application runs on a thread of this runtime, and with what flows along a call, as AsyncLocal.
        private Task<byte[]> EncryptLater(byte[] payload)
        {
            return callsHost ? Task.Run(() => Encrypt(payload, 0)) : NativeCall.Encrypt(handle, kms, payload);
        }

        private Task<byte[]> DecryptLater(byte[] record)
        {
            return callsHost ? Task.Run(() => Decrypt(record, 0)) : NativeCall.Decrypt(handle, kms, record);
        }
    }
}
