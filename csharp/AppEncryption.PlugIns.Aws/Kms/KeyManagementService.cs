#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    public sealed class KeyManagementService : GoDaddy.Asherah.AppEncryption.Kms.IKeyManagementService, System.IDisposable
    {
        public KeyManagementService(GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementServiceOptions kmsOptions, GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.IKeyManagementClientFactory clientFactory, Microsoft.Extensions.Logging.ILoggerFactory loggerFactory) { throw null; }
        public GoDaddy.Asherah.Crypto.Keys.CryptoKey DecryptKey(byte[] keyCipherText, System.DateTimeOffset keyCreated, bool revoked) { throw null; }
        public System.Threading.Tasks.Task<GoDaddy.Asherah.Crypto.Keys.CryptoKey> DecryptKeyAsync(byte[] keyCipherText, System.DateTimeOffset keyCreated, bool revoked) { throw null; }
        public System.Threading.Tasks.Task<byte[]> EncryptKeyAsync(GoDaddy.Asherah.Crypto.Keys.CryptoKey key) { throw null; }
        public byte[] EncryptKey(GoDaddy.Asherah.Crypto.Keys.CryptoKey key) { throw null; }
        public static GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.IKeyManagementServiceBuilder NewBuilder() { throw null; }
        public void Dispose() { throw null; }
    }
}
