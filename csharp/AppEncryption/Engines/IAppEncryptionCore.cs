using System;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>What encrypts and decrypts for a session factory: the native library or managed code.</summary>
    internal interface IAppEncryptionCore : IDisposable
    {
        /// <summary>Opens a partition. Asks neither metastore nor key management service.</summary>
        /// <param name="partitionId">The id; whether it may be empty has been decided.</param>
        /// <exception cref="ArgumentException">The id has a lone surrogate.</exception>
        /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
        IPartitionCore Open(string partitionId);
    }
}
