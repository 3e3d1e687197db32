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

            return record != null ? Task.FromResult(record) : EncryptOnPool(payload);
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

            return payload != null ? Task.FromResult(payload) : DecryptOnPool(record);
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

        // In methods of their own, so that only calls that come here pay for the closure.
        private Task<byte[]> EncryptOnPool(byte[] payload)
        {
            return Task.Run(() => Encrypt(payload, 0));
        }

        private Task<byte[]> DecryptOnPool(byte[] record)
        {
            return Task.Run(() => Decrypt(record, 0));
        }
    }
}
