using System;
using System.Threading;
using GoDaddy.Asherah.SecureMemory.Locked;
using Microsoft.Extensions.Configuration;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>
    /// Makes secrets in the locked memory of the native library, or, where managed code is chosen by name, in pages
    /// that this assembly locks itself. Where the system refuses to lock, secrets are kept all the same.
    /// </summary>
    public class SecureMemorySecretFactory : ISecretFactory
    {
        private static int alive;

        private readonly SecretSettings settings;
        private readonly LockedMemory memory;
        private int disposed;

        /// <summary>
        /// Makes a factory. Of the configuration it takes: <c>secureHeapEngine</c>, <c>mmap</c> or <c>openssl11</c>,
        /// which are one and the same here; <c>mlock</c>, whose value <c>disabled</c> leaves pages of managed code
        /// unlocked;
        /// <c>requireSecretDisposal</c>, with which secrets that were never disposed of are reported through
        /// <see cref="System.Diagnostics.Trace"/>; and <c>debugSecrets</c>, which adds where they were made.
        /// </summary>
        /// <param name="configuration">The configuration, or null.</param>
        /// <exception cref="PlatformNotSupportedException">The <c>secureHeapEngine</c> is unknown, or the native
        /// library does not work on this system.</exception>
        /// <exception cref="SecureMemoryException">The value of <c>mlock</c> is unknown.</exception>
        /// <exception cref="DllNotFoundException">The native library is missing and managed code is not
        /// chosen.</exception>
        public SecureMemorySecretFactory(IConfiguration configuration)
        {
            settings = new SecretSettings(configuration);
            memory = LockedMemory.Choose(settings);
            Interlocked.Increment(ref alive);
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentNullException"><paramref name="secretData"/> is null.</exception>
        /// <exception cref="ArgumentException">There are no bytes.</exception>
        /// <exception cref="MemoryLimitException">There are more than 16 MiB, or no memory can be locked.</exception>
        /// <exception cref="SecureMemoryAllocationFailedException">There is no memory.</exception>
        public Secret CreateSecret(byte[] secretData)
        {
            if (secretData == null)
            {
                throw new ArgumentNullException(nameof(secretData));
            }

            return SecureMemorySecret.Move(secretData, memory, settings);
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentNullException"><paramref name="secretData"/> is null.</exception>
        /// <exception cref="ArgumentException">There is no text.</exception>
        /// <exception cref="MemoryLimitException">It takes more than 16 MiB, or no memory can be locked.</exception>
        /// <exception cref="SecureMemoryAllocationFailedException">There is no memory.</exception>
        public Secret CreateSecret(char[] secretData)
        {
            if (secretData == null)
            {
                throw new ArgumentNullException(nameof(secretData));
            }

            return SecureMemorySecret.Encode(secretData, memory, settings);
        }

        /// <summary>Gives the factory back. Its secrets stay, and it still makes new ones, as in canonical
        /// Asherah.</summary>
        /// <exception cref="SecureMemoryException">It was given back before, and no other factory is in
        /// use.</exception>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) == 0)
            {
                Interlocked.Decrement(ref alive);
            }
            else if (Volatile.Read(ref alive) == 0)
            {
                // Canonical Asherah counts factories, and this is where its count fails.
                throw new SecureMemoryException("The factory has been disposed of before.");
            }

            GC.SuppressFinalize(this);
        }
    }
}
