using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Envelope;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>Reads the records of system and intermediate keys as the library reads them.</summary>
    internal static class KeyRecord
    {
        /// <summary>Reads what a metastore returned.</summary>
        /// <param name="found">The record.</param>
        /// <param name="asked">When the key was created, in seconds, if that was asked for.</param>
        /// <exception cref="AppEncryptionException">It is no record of a key.</exception>
        /// <exception cref="System.FormatException">Its key is not base64, or a time not a number.</exception>
        /// <exception cref="MetadataMissingException">It names its parent by half.</exception>
        internal static EnvelopeKeyRecord Read(JObject found, long? asked = null)
        {
            JObject record = JsonText.Parse(Utf8.GetBytes(KeyRecordText.Format(found, asked), nameof(found)));
            long? created = RecordMembers.Seconds(record, "Created");
            byte[] key = RecordMembers.Bytes(record, "Key");
            bool? revoked = RecordMembers.Boolean(record, "Revoked");
            KeyMeta parent = ReadParent(record);
            if (created == 0 || !RecordMembers.IsTime(created.Value))
            {
                throw RecordMembers.Mistyped("Created", "a time");
            }

            return new EnvelopeKeyRecord(RecordMembers.Time(created.Value), parent, key, revoked);
        }

        /// <summary>Reads the name of a key's parent; null if it names none.</summary>
        /// <exception cref="MetadataMissingException">It names it by half.</exception>
        internal static KeyMeta ReadParent(JObject record)
        {
            JObject parent = RecordMembers.Object(record, "ParentKeyMeta");
            if (parent == null)
            {
                return null;
            }

            string id = RecordMembers.Text(parent, "KeyId");
            long? created = RecordMembers.Seconds(parent, "Created");
            if (string.IsNullOrEmpty(id) || created == null || created == 0)
            {
                throw new MetadataMissingException(
                    "Could not find a complete ParentKeyMeta: KeyId and Created are required.");
            }

            // A key of a time that no clock shows cannot be asked for, since metastores are asked with a DateTimeOffset.
            return RecordMembers.IsTime(created.Value)
                ? new KeyMeta(id, RecordMembers.Time(created.Value))
                : throw new MetadataMissingException("Could not find the key of the record: no key has its Created.");
        }
    }
}
