using System;
using GoDaddy.Asherah.AppEncryption.Envelope;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.AppEncryption.Util;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>A data row record taken apart.</summary>
    internal sealed class DataRowRecord
    {
        private DataRowRecord(EnvelopeKeyRecord key, KeyMeta parent, byte[] data)
        {
            Key = key;
            Parent = parent;
            Data = data;
        }

        /// <summary>Gets the sealed data row key.</summary>
        internal EnvelopeKeyRecord Key { get; }

        /// <summary>Gets the name of the intermediate key.</summary>
        internal KeyMeta Parent { get; }

        /// <summary>Gets the sealed payload.</summary>
        internal byte[] Data { get; }

        /// <summary>Makes the record that is stored.</summary>
        internal static JObject Write(EnvelopeKeyRecord key, byte[] data)
        {
            var record = new Json();
            record.Put("Key", key.ToJson());
            record.Put("Data", data);
            return record.ToJObject();
        }

        /// <summary>Reads the text of a record, which is one JSON object and nothing else.</summary>
        /// <exception cref="Exception">As <see cref="MalformedRecord.Explain(JObject, Exception)"/> says.</exception>
        internal static JObject Parse(byte[] record)
        {
            if (record == null)
            {
                throw new ArgumentNullException("buffer");
            }

            JObject parsed = JsonText.Parse(record);
            if (!StrictJson.IsObject(JsonText.Decode(record)))
            {
                throw MalformedRecord.Explain(parsed, new AppEncryptionException(
                    "The data row record is not well-formed JSON, or has a member twice."));
            }

            return parsed;
        }

        /// <summary>Takes a record apart.</summary>
        /// <exception cref="Exception">As <see cref="MalformedRecord.Explain(JObject, Exception)"/> says.</exception>
        internal static DataRowRecord Read(JObject record)
        {
            try
            {
                return ReadMembers(record);
            }
            catch (AppEncryptionException e)
            {
                throw MalformedRecord.Explain(record, e);
            }
        }

        private static DataRowRecord ReadMembers(JObject record)
        {
            byte[] data = RecordMembers.Bytes(record, "Data");
            JObject key = RecordMembers.Object(record, "Key");
            byte[] sealedKey = key == null ? null : RecordMembers.Bytes(key, "Key");
            long? created = key == null ? null : RecordMembers.Seconds(key, "Created");
            if (data == null || sealedKey == null || created == null)
            {
                throw new AppEncryptionException("The data row record lacks a member.");
            }

            bool? revoked = RecordMembers.Boolean(key, "Revoked");
            KeyMeta parent = KeyRecord.ReadParent(key);
            if (parent == null)
            {
                throw RecordMembers.NoParent("data row record");
            }

            // The time of creation only informs.
            return new DataRowRecord(
                new EnvelopeKeyRecord(RecordMembers.Time(created.Value), parent, sealedKey, revoked), parent, data);
        }
    }
}
