using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Util;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    /// <summary>Envelope encryption whose records are the JSON text of another's, in UTF-8. Safe for use by many threads
    /// at once, if that one is.</summary>
    public class EnvelopeEncryptionBytesImpl : IEnvelopeEncryption<byte[]>
    {
        private readonly IEnvelopeEncryption<JObject> envelopeEncryptionJson;
        private readonly ILogger logger;

        /// <summary>Wraps an envelope encryption.</summary>
        /// <param name="envelopeEncryptionJson">It, disposed with this object.</param>
        public EnvelopeEncryptionBytesImpl(IEnvelopeEncryption<JObject> envelopeEncryptionJson)
            : this(envelopeEncryptionJson, null)
        {
        }

        /// <summary>Wraps an envelope encryption.</summary>
        /// <param name="envelopeEncryptionJson">It, disposed with this object.</param>
        /// <param name="logger">The logger; null for none.</param>
        public EnvelopeEncryptionBytesImpl(IEnvelopeEncryption<JObject> envelopeEncryptionJson, ILogger logger)
        {
            this.envelopeEncryptionJson = envelopeEncryptionJson;
            this.logger = logger;
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentNullException">The record is null.</exception>
        /// <exception cref="Newtonsoft.Json.JsonReaderException">The record is not a JSON object.</exception>
        public virtual byte[] DecryptDataRowRecord(byte[] dataRowRecord)
        {
            return envelopeEncryptionJson.DecryptDataRowRecord(DataRowRecord.Parse(dataRowRecord));
        }

        /// <inheritdoc/>
        public virtual byte[] EncryptPayload(byte[] payload)
        {
            return new Json(envelopeEncryptionJson.EncryptPayload(payload)).ToUtf8();
        }

        /// <inheritdoc/>
        public virtual Task<byte[]> DecryptDataRowRecordAsync(byte[] dataRowRecord)
        {
            try
            {
                return envelopeEncryptionJson is EnvelopeEncryptionJsonImpl
                    ? envelopeEncryptionJson.DecryptDataRowRecordAsync(DataRowRecord.Parse(dataRowRecord))
                    : Task.FromResult(DecryptDataRowRecord(dataRowRecord));
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }
        }

        /// <inheritdoc/>
        public virtual Task<byte[]> EncryptPayloadAsync(byte[] payload)
        {
            try
            {
                // Of other implementations only the synchronous methods are called, as canonical Asherah does.
                return envelopeEncryptionJson is EnvelopeEncryptionJsonImpl
                    ? ToUtf8(envelopeEncryptionJson.EncryptPayloadAsync(payload))
                    : Task.FromResult(EncryptPayload(payload));
            }
            catch (Exception e)
            {
                return Task.FromException<byte[]>(e);
            }
        }

        /// <summary>Disposes what is wrapped; a failure of that is logged.</summary>
        public void Dispose()
        {
            try
            {
                envelopeEncryptionJson.Dispose();
            }
            catch (Exception e)
            {
                logger?.LogError(e, "unexpected exception during close");
            }

            GC.SuppressFinalize(this);
        }

        private static async Task<byte[]> ToUtf8(Task<JObject> record)
        {
            return new Json(await record.ConfigureAwait(false)).ToUtf8();
        }
    }
}
