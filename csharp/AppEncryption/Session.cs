using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Persistence;
using LanguageExt;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>
    /// Encrypts and decrypts for one partition. Safe for use by many threads at once. Once disposed it throws
    /// <see cref="ObjectDisposedException"/>; calls in flight finish.
    /// </summary>
    /// <typeparam name="TP">The payload: <c>byte[]</c> or <c>JObject</c>.</typeparam>
    /// <typeparam name="TD">The data row record: <c>byte[]</c> (JSON in UTF-8) or <c>JObject</c>.</typeparam>
    public abstract class Session<TP, TD> : IDisposable
    {
        /// <summary>Makes a session.</summary>
        protected Session()
        {
        }

        /// <summary>Encrypts a payload.</summary>
        /// <param name="payLoad">The payload, which may be empty.</param>
        /// <returns>The data row record to store.</returns>
        public abstract TD Encrypt(TP payLoad);

        /// <summary>Decrypts a data row record.</summary>
        /// <param name="dataRowRecord">What <see cref="Encrypt"/> returned, in a session of the same partition.</param>
        /// <returns>The payload.</returns>
        public abstract TP Decrypt(TD dataRowRecord);

        /// <summary>
        /// Encrypts a payload. The task is complete on return unless metastore or key management service have to be
        /// asked; the payload must not change until it is complete.
        /// </summary>
        /// <param name="payLoad">The payload, which may be empty.</param>
        /// <returns>The data row record to store. Every failure is in the task.</returns>
        public abstract Task<TD> EncryptAsync(TP payLoad);

        /// <summary>
        /// Decrypts a data row record. The task is complete on return unless metastore or key management service have
        /// to be asked; the record must not change until it is complete.
        /// </summary>
        /// <param name="dataRowRecord">What <see cref="Encrypt"/> returned, in a session of the same partition.</param>
        /// <returns>The payload. Every failure is in the task.</returns>
        public abstract Task<TP> DecryptAsync(TD dataRowRecord);

        /// <summary>Loads a data row record and decrypts it.</summary>
        /// <param name="persistenceKey">The key it was stored under.</param>
        /// <param name="dataPersistence">Where it is stored.</param>
        /// <returns>The payload, or none if nothing is stored under this key.</returns>
        public virtual Option<TP> Load(string persistenceKey, Persistence<TD> dataPersistence)
        {
            return dataPersistence.Load(persistenceKey).Map(Decrypt);
        }

        /// <summary>Encrypts a payload and stores the data row record under a key that the store makes.</summary>
        /// <param name="payload">The payload.</param>
        /// <param name="dataPersistence">Where to store it.</param>
        /// <returns>The key to load it with.</returns>
        public virtual string Store(TP payload, Persistence<TD> dataPersistence)
        {
            return dataPersistence.Store(Encrypt(payload));
        }

        /// <summary>Encrypts a payload and stores the data row record under a key.</summary>
        /// <param name="key">The key to load it with.</param>
        /// <param name="payload">The payload.</param>
        /// <param name="dataPersistence">Where to store it.</param>
        public virtual void Store(string key, TP payload, Persistence<TD> dataPersistence)
        {
            dataPersistence.Store(key, Encrypt(payload));
        }

        /// <summary>Closes the session. Never blocks; calling it again does nothing.</summary>
        public abstract void Dispose();
    }
}
