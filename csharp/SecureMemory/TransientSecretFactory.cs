#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory
{
    public sealed class TransientSecretFactory : GoDaddy.Asherah.SecureMemory.ISecretFactory, System.IDisposable
    {
        public GoDaddy.Asherah.SecureMemory.Secret CreateSecret(byte[] secretData) { throw null; }
        public GoDaddy.Asherah.SecureMemory.Secret CreateSecret(char[] secretData) { throw null; }
        public TransientSecretFactory(Microsoft.Extensions.Configuration.IConfiguration configuration = null) { throw null; }
        public void Dispose() { throw null; }
    }
}
