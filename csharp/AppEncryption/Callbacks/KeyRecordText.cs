using System;
using System.Globalization;
using System.IO;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Callbacks
{
    /// <summary>
    /// Key records between the library, which writes Revoked only where it is true, and metastores in C#, which are
    /// given it always and in the order of canonical Asherah.
    /// </summary>
    internal static class KeyRecordText
    {
        /// <summary>Returns the record that a text of the library holds.</summary>
        internal static JObject Parse(byte[] utf8)
        {
            JObject text = JsonText.Parse(utf8);
            var record = new JObject
            {
                { "Created", text["Created"] },
                { "Key", text["Key"] },
            };
            if (text.TryGetValue("ParentKeyMeta", out JToken parent))
            {
                record.Add("ParentKeyMeta", parent);
            }

            record.Add("Revoked", text.TryGetValue("Revoked", out JToken revoked) && (bool)revoked);
            return record;
        }

        /// <summary>Returns the text of a record for the library, which is strict. What canonical Asherah reads in
        /// other types, such as a time in digits, is converted; members that it does not know are left out.</summary>
        /// <param name="record">The record of the metastore.</param>
        /// <param name="created">When the key was created, if that was asked for: a row's own time counts, not that in
        /// its record.</param>
        /// <exception cref="AppEncryptionException">A member is missing.</exception>
        /// <exception cref="FormatException">The key is not base64, or a time not a number.</exception>
        internal static string Format(JObject record, long? created = null)
        {
            var text = new StringWriter(CultureInfo.InvariantCulture);
            using (var json = new JsonTextWriter(text))
            {
                json.WriteStartObject();
                if (record.TryGetValue("Revoked", out JToken revoked) && !IsAbsent(revoked) && (bool)revoked)
                {
                    json.WritePropertyName("Revoked");
                    json.WriteValue(true);
                }

                json.WritePropertyName("Created");
                long own = (long)Member(record, "Created");
                json.WriteValue(created ?? own);
                json.WritePropertyName("Key");
                json.WriteValue(Convert.FromBase64String((string)Member(record, "Key")));
                if (record.TryGetValue("ParentKeyMeta", out JToken parent) && !IsAbsent(parent))
                {
                    json.WritePropertyName("ParentKeyMeta");
                    json.WriteStartObject();
                    json.WritePropertyName("KeyId");
                    json.WriteValue((string)Member(parent, "KeyId"));
                    json.WritePropertyName("Created");
                    json.WriteValue((long)Member(parent, "Created"));
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            return text.ToString();
        }

        private static JToken Member(JToken record, string name)
        {
            JToken member = (record as JObject)?[name];
            return !IsAbsent(member)
                ? member
                : throw new AppEncryptionException(
                    "The metastore's key record has no " + name + ".", new NullReferenceException(name));
        }

        private static bool IsAbsent(JToken token)
        {
            return token == null || token.Type == JTokenType.Null;
        }
    }
}
