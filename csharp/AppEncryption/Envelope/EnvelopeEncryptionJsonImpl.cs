#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    public class EnvelopeEncryptionJsonImpl : GoDaddy.Asherah.AppEncryption.Envelope.IEnvelopeEncryption<Newtonsoft.Json.Linq.JObject>, System.IDisposable
    {
        public EnvelopeEncryptionJsonImpl(GoDaddy.Asherah.AppEncryption.Partition partition, GoDaddy.Asherah.AppEncryption.Persistence.IMetastore<Newtonsoft.Json.Linq.JObject> metastore, GoDaddy.Asherah.Crypto.Keys.SecureCryptoKeyDictionary<System.DateTimeOffset> systemKeyCache, GoDaddy.Asherah.Crypto.Keys.SecureCryptoKeyDictionary<System.DateTimeOffset> intermediateKeyCache, GoDaddy.Asherah.Crypto.Envelope.AeadEnvelopeCrypto aeadEnvelopeCrypto, GoDaddy.Asherah.Crypto.CryptoPolicy cryptoPolicy, GoDaddy.Asherah.AppEncryption.Kms.IKeyManagementService keyManagementService) { throw null; }
        public EnvelopeEncryptionJsonImpl(GoDaddy.Asherah.AppEncryption.Partition partition, GoDaddy.Asherah.AppEncryption.Persistence.IMetastore<Newtonsoft.Json.Linq.JObject> metastore, GoDaddy.Asherah.Crypto.Keys.SecureCryptoKeyDictionary<System.DateTimeOffset> systemKeyCache, GoDaddy.Asherah.Crypto.Keys.SecureCryptoKeyDictionary<System.DateTimeOffset> intermediateKeyCache, GoDaddy.Asherah.Crypto.Envelope.AeadEnvelopeCrypto aeadEnvelopeCrypto, GoDaddy.Asherah.Crypto.CryptoPolicy cryptoPolicy, GoDaddy.Asherah.AppEncryption.Kms.IKeyManagementService keyManagementService, Microsoft.Extensions.Logging.ILogger logger) { throw null; }
        public virtual Newtonsoft.Json.Linq.JObject EncryptPayload(byte[] payload) { throw null; }
        public virtual System.Threading.Tasks.Task<Newtonsoft.Json.Linq.JObject> EncryptPayloadAsync(byte[] payload) { throw null; }
        public virtual System.Threading.Tasks.Task<byte[]> DecryptDataRowRecordAsync(Newtonsoft.Json.Linq.JObject dataRowRecord) { throw null; }
        public virtual byte[] DecryptDataRowRecord(Newtonsoft.Json.Linq.JObject dataRowRecord) { throw null; }
        public virtual void Dispose() { throw null; }
    }
}
