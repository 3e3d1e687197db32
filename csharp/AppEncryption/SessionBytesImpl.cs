using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Envelope;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>A session for payloads as bytes on an envelope encryption wired by hand.</summary>
    /// <typeparam name="TD">The data row record: <c>byte[]</c> (JSON in UTF-8) or <c>JObject</c>.</typeparam>
    public class SessionBytesImpl<TD> : Session<byte[], TD>
    {
        private readonly IEnvelopeEncryption<TD> envelopeEncryption;
        private readonly ILogger logger;

        /// <summary>Opens a session.</summary>
        /// <param name="envelopeEncryption">What encrypts and decrypts, disposed with the session.</param>
        public SessionBytesImpl(IEnvelopeEncryption<TD> envelopeEncryption)
            : this(envelopeEncryption, null)
        {
        }

        /// <summary>Opens a session.</summary>
        /// <param name="envelopeEncryption">What encrypts and decrypts, disposed with the session.</param>
        /// <param name="logger">The logger; null for none.</param>
        public SessionBytesImpl(IEnvelopeEncryption<TD> envelopeEncryption, ILogger logger)
        {
            this.envelopeEncryption = envelopeEncryption;
            this.logger = logger;
        }

        /// <inheritdoc/>
        public override TD Encrypt(byte[] payload)
        {
            return envelopeEncryption.EncryptPayload(payload);
        }

        /// <inheritdoc/>
        public override byte[] Decrypt(TD dataRowRecord)
        {
            return envelopeEncryption.DecryptDataRowRecord(dataRowRecord);
        }

        /// <inheritdoc/>
        public override async Task<TD> EncryptAsync(byte[] payload)
        {
            return await envelopeEncryption.EncryptPayloadAsync(payload).ConfigureAwait(false);
        }

        /// <inheritdoc/>
        public override async Task<byte[]> DecryptAsync(TD dataRowRecord)
        {
            return await envelopeEncryption.DecryptDataRowRecordAsync(dataRowRecord).ConfigureAwait(false);
        }

        /// <summary>Disposes the envelope encryption; a failure of that is logged.</summary>
        public override void Dispose()
        {
            try
            {
                envelopeEncryption.Dispose();
            }
            catch (Exception e)
            {
                logger?.LogError(e, "unexpected exception during close");
            }

            GC.SuppressFinalize(this);
        }
    }
}
