using System;
using GoDaddy.Asherah.AppEncryption.Util;
using LanguageExt;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    /// <summary>
    /// A sealed key: a data row key in its record, or an intermediate or system key in the metastore. The record of a
    /// system key names no parent; its key is what the key management service made of it. Immutable.
    /// </summary>
    public class EnvelopeKeyRecord
    {
        /// <summary>Makes a record that says nothing about revocation.</summary>
        /// <param name="created">When the key was created.</param>
        /// <param name="parentKeyMeta">The key that seals it; null if the key management service does.</param>
        /// <param name="encryptedKey">The sealed key.</param>
        public EnvelopeKeyRecord(DateTimeOffset created, KeyMeta parentKeyMeta, byte[] encryptedKey)
            : this(created, parentKeyMeta, encryptedKey, null)
        {
        }

        /// <summary>Makes a record.</summary>
        /// <param name="created">When the key was created.</param>
        /// <param name="parentKeyMeta">The key that seals it; null if the key management service does.</param>
        /// <param name="encryptedKey">The sealed key.</param>
        /// <param name="revoked">Whether the key is revoked; null to say nothing, which means that it is not.</param>
        public EnvelopeKeyRecord(DateTimeOffset created, KeyMeta parentKeyMeta, byte[] encryptedKey, bool? revoked)
        {
            Created = created;
            ParentKeyMeta = parentKeyMeta == null ? Option<KeyMeta>.None : Option<KeyMeta>.Some(parentKeyMeta);
            EncryptedKey = encryptedKey;
            Revoked = revoked == null ? Option<bool>.None : Option<bool>.Some(revoked.Value);
        }

        /// <summary>Reads a record.</summary>
        /// <param name="sourceJson">An object with Created and Key, and perhaps ParentKeyMeta and Revoked.</param>
        /// <exception cref="Crypto.Exceptions.AppEncryptionException">A member is missing.</exception>
        /// <exception cref="FormatException">Key is not base64.</exception>
        public EnvelopeKeyRecord(Json sourceJson)
        {
            Created = sourceJson.GetDateTimeOffset("Created");
            ParentKeyMeta = sourceJson.GetOptionalJson("ParentKeyMeta").Map(parent => new KeyMeta(parent));
            EncryptedKey = sourceJson.GetBytes("Key");
            Revoked = sourceJson.GetOptionalBoolean("Revoked");
        }

        internal DateTimeOffset Created { get; }

        internal Option<KeyMeta> ParentKeyMeta { get; }

        internal Option<bool> Revoked { get; }

        internal byte[] EncryptedKey { get; }

        /// <summary>Returns the record as it is stored: Created, Key, then ParentKeyMeta and Revoked where the record
        /// has them.</summary>
        /// <returns>A new object.</returns>
        public JObject ToJson()
        {
            var json = new Json();
            json.Put("Created", Created);
            json.Put("Key", EncryptedKey);
            ParentKeyMeta.IfSome(parent => json.Put("ParentKeyMeta", parent.ToJson()));
            Revoked.IfSome(revoked => json.Put("Revoked", revoked));
            return json.ToJObject();
        }
    }
}
