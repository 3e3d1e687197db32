using System;
using System.Threading.Tasks;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// An engine at work for one partition. Safe for use by many threads at once. The asynchronous forms are complete
    /// on return where keys are cached; every failure of theirs is in the task.
    /// </summary>
    internal interface IPartitionCore : IDisposable
    {
        /// <summary>Encrypts into a data row record, JSON in UTF-8.</summary>
        byte[] EncryptBytes(byte[] payload);

        /// <summary>Decrypts a data row record, JSON in UTF-8.</summary>
        byte[] DecryptBytes(byte[] record);

        /// <summary>Encrypts into a data row record.</summary>
        JObject EncryptJson(byte[] payload);

        /// <summary>Decrypts a data row record.</summary>
        byte[] DecryptJson(JObject record);

        /// <summary>As <see cref="EncryptBytes"/>.</summary>
        Task<byte[]> EncryptBytesAsync(byte[] payload);

        /// <summary>As <see cref="DecryptBytes"/>.</summary>
        Task<byte[]> DecryptBytesAsync(byte[] record);

        /// <summary>As <see cref="EncryptJson"/>.</summary>
        Task<JObject> EncryptJsonAsync(byte[] payload);

        /// <summary>As <see cref="DecryptJson"/>.</summary>
        Task<byte[]> DecryptJsonAsync(JObject record);
    }
}
