using System;
using System.Threading.Tasks;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    /// <summary>Encrypts and decrypts the records of one partition. Safe for use by many threads at once.</summary>
    /// <typeparam name="TD">The data row record: <c>byte[]</c> (JSON in UTF-8) or <c>JObject</c>.</typeparam>
    public interface IEnvelopeEncryption<TD> : IDisposable
    {
        /// <summary>Decrypts a data row record.</summary>
        /// <param name="dataRowRecord">What <see cref="EncryptPayload"/> returned.</param>
        /// <returns>The payload.</returns>
        byte[] DecryptDataRowRecord(TD dataRowRecord);

        /// <summary>Encrypts a payload.</summary>
        /// <param name="payload">The payload, which may be empty.</param>
        /// <returns>The data row record.</returns>
        TD EncryptPayload(byte[] payload);

        /// <summary>Decrypts a data row record.</summary>
        /// <param name="dataRowRecord">What <see cref="EncryptPayload"/> returned.</param>
        /// <returns>The payload. Every failure is in the task.</returns>
        Task<byte[]> DecryptDataRowRecordAsync(TD dataRowRecord);

        /// <summary>Encrypts a payload.</summary>
        /// <param name="payload">The payload, which may be empty.</param>
        /// <returns>The data row record. Every failure is in the task.</returns>
        Task<TD> EncryptPayloadAsync(byte[] payload);
    }
}
