using System;
using System.Threading;
using Microsoft.Extensions.Configuration;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>Makes secrets that live as long as the process, in locked memory.</summary>
    public sealed class TransientSecretFactory : ISecretFactory
    {
        private readonly SecureMemorySecretFactory factory;
        private int disposed;

        /// <summary>Makes a factory.</summary>
        /// <param name="configuration">As for <see cref="SecureMemorySecretFactory"/>. Null means the defaults: the
        /// file appsettings.json is not read.</param>
        /// <exception cref="PlatformNotSupportedException">As for <see cref="SecureMemorySecretFactory"/>.</exception>
        /// <exception cref="DllNotFoundException">The native library is missing and managed code is not
        /// chosen.</exception>
        public TransientSecretFactory(IConfiguration configuration = null)
        {
            factory = new SecureMemorySecretFactory(configuration);
        }

        /// <inheritdoc/>
        public Secret CreateSecret(byte[] secretData)
        {
            return factory.CreateSecret(secretData);
        }

        /// <inheritdoc/>
        public Secret CreateSecret(char[] secretData)
        {
            return factory.CreateSecret(secretData);
        }

        /// <summary>Gives the factory back. Its secrets stay. Does nothing the second time.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) == 0)
            {
                factory.Dispose();
            }
        }
    }
}
