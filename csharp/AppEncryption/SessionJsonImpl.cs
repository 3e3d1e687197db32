using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Envelope;
using GoDaddy.Asherah.AppEncryption.Util;
using GoDaddy.Asherah.PlatformNative.Interop;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>A session for payloads as JSON objects on an envelope encryption wired by hand.</summary>
    /// <typeparam name="TD">The data row record: <c>byte[]</c> (JSON in UTF-8) or <c>JObject</c>.</typeparam>
    public class SessionJsonImpl<TD> : Session<JObject, TD>
    {
        private readonly IEnvelopeEncryption<TD> envelopeEncryption;
        private readonly ILogger logger;

        /// <summary>Opens a session.</summary>
        /// <param name="envelopeEncryption">What encrypts and decrypts, disposed with the session.</param>
        public SessionJsonImpl(IEnvelopeEncryption<TD> envelopeEncryption)
            : this(envelopeEncryption, null)
        {
        }

        /// <summary>Opens a session.</summary>
        /// <param name="envelopeEncryption">What encrypts and decrypts, disposed with the session.</param>
        /// <param name="logger">The logger; null for none.</param>
        public SessionJsonImpl(IEnvelopeEncryption<TD> envelopeEncryption, ILogger logger)
        {
            this.envelopeEncryption = envelopeEncryption;
            this.logger = logger;
        }

        /// <inheritdoc/>
        public override TD Encrypt(JObject payload)
        {
            byte[] text = new Json(payload).ToUtf8();
            try
            {
                return envelopeEncryption.EncryptPayload(text);
            }
            finally
            {
                Memory.Wipe(text);
            }
        }

        /// <inheritdoc/>
        public override JObject Decrypt(TD dataRowRecord)
        {
            return Read(envelopeEncryption.DecryptDataRowRecord(dataRowRecord));
        }

        /// <inheritdoc/>
        public override async Task<TD> EncryptAsync(JObject payload)
        {
            byte[] text = new Json(payload).ToUtf8();
            try
            {
                return await envelopeEncryption.EncryptPayloadAsync(text).ConfigureAwait(false);
            }
            finally
            {
                Memory.Wipe(text);
            }
        }

        /// <inheritdoc/>
        public override async Task<JObject> DecryptAsync(TD dataRowRecord)
        {
            return Read(await envelopeEncryption.DecryptDataRowRecordAsync(dataRowRecord).ConfigureAwait(false));
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

        private static JObject Read(byte[] text)
        {
            try
            {
                return JsonText.Parse(text);
            }
            finally
            {
                Memory.Wipe(text);
            }
        }
    }
}
