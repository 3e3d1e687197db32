#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory
{
    public interface ISecretFactory : System.IDisposable
    {
        GoDaddy.Asherah.SecureMemory.Secret CreateSecret(byte[] secretData);
        GoDaddy.Asherah.SecureMemory.Secret CreateSecret(char[] secretData);
    }
}
