using System;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>What encrypts and decrypts for a session factory: the native library or managed code.</summary>
    internal interface IAppEncryptionCore : IDisposable
    {
        /// <summary>Opens a partition. Asks neither metastore nor key management service.</summary>
        /// <exception cref="ArgumentException">The id is empty and may not be, or has a lone surrogate.</exception>
        /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
        IPartitionCore Open(string partitionId);
    }
}
