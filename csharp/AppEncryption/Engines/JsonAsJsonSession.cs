using System;
using System.Threading.Tasks;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>Payloads and records as JSON objects.</summary>
    internal sealed class JsonAsJsonSession : PartitionSession<JObject, JObject>
    {
        internal JsonAsJsonSession(PartitionUse partition)
            : base(partition)
        {
        }

        public override JObject Encrypt(JObject payLoad)
        {
            return EncryptText(payLoad, Core.EncryptJson);
        }

        public override JObject Decrypt(JObject dataRowRecord)
        {
            return ReadText(Core.DecryptJson(RequireObject(dataRowRecord)));
        }

        public override Task<JObject> EncryptAsync(JObject payLoad)
        {
            return EncryptTextAsync(payLoad, Core.EncryptJsonAsync);
        }

        public override Task<JObject> DecryptAsync(JObject dataRowRecord)
        {
            try
            {
                return ReadTextAsync(Core.DecryptJsonAsync(RequireObject(dataRowRecord)));
            }
            catch (Exception e)
            {
                return Task.FromException<JObject>(e);
            }
        }
    }
}
