#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    public interface IKeyManagementService
    {
        GoDaddy.Asherah.Crypto.Keys.CryptoKey DecryptKey(byte[] keyCipherText, System.DateTimeOffset keyCreated, bool revoked);
        System.Threading.Tasks.Task<GoDaddy.Asherah.Crypto.Keys.CryptoKey> DecryptKeyAsync(byte[] keyCipherText, System.DateTimeOffset keyCreated, bool revoked);
        System.Threading.Tasks.Task<byte[]> EncryptKeyAsync(GoDaddy.Asherah.Crypto.Keys.CryptoKey key);
        byte[] EncryptKey(GoDaddy.Asherah.Crypto.Keys.CryptoKey key);
    }
}
