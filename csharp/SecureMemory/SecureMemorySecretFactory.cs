#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory
{
    public class SecureMemorySecretFactory : GoDaddy.Asherah.SecureMemory.ISecretFactory, System.IDisposable
    {
        public GoDaddy.Asherah.SecureMemory.Secret CreateSecret(byte[] secretData) { throw null; }
        public GoDaddy.Asherah.SecureMemory.Secret CreateSecret(char[] secretData) { throw null; }
        public SecureMemorySecretFactory(Microsoft.Extensions.Configuration.IConfiguration configuration) { throw null; }
        public void Dispose() { throw null; }
    }
}
