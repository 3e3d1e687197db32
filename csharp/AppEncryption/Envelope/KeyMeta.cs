using System;
using GoDaddy.Asherah.AppEncryption.Util;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    /// <summary>
    /// What names a key in the metastore, and the parent of a key in its record:
    /// <c>{"KeyId":"…","Created":…}</c>. Immutable.
    /// </summary>
    public class KeyMeta
    {
        /// <summary>Names a key.</summary>
        /// <param name="keyId">Its id.</param>
        /// <param name="created">When it was created.</param>
        public KeyMeta(string keyId, DateTimeOffset created)
        {
            KeyId = keyId;
            Created = created;
        }

        /// <summary>Reads the name of a key.</summary>
        /// <param name="sourceJson">An object with KeyId and Created.</param>
        /// <exception cref="Crypto.Exceptions.AppEncryptionException">One of them is missing.</exception>
        public KeyMeta(Json sourceJson)
        {
            KeyId = sourceJson.GetString("KeyId");
            Created = sourceJson.GetDateTimeOffset("Created");
        }

        /// <summary>Gets the key's id.</summary>
        public string KeyId { get; }

        internal virtual DateTimeOffset Created { get; }

        /// <summary>Returns the name as it stands in records.</summary>
        /// <returns>A new object.</returns>
        public JObject ToJson()
        {
            var json = new Json();
            json.Put("KeyId", KeyId);
            json.Put("Created", Created);
            return json.ToJObject();
        }

        /// <inheritdoc/>
        public override bool Equals(object obj)
        {
            return ReferenceEquals(this, obj) ||
                (obj is KeyMeta other && GetType() == other.GetType() && KeyId == other.KeyId &&
                 Created == other.Created);
        }

        /// <inheritdoc/>
        public override int GetHashCode()
        {
            return (KeyId, Created).GetHashCode();
        }

        /// <inheritdoc/>
        public override string ToString()
        {
            return "KeyMeta [KeyId=" + KeyId + ", Created=" + Created + "]";
        }
    }
}
