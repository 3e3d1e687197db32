using System;
using System.IO;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// Writes anew, as a strict record, what canonical Asherah takes for one: with a byte order mark, text after the
    /// object, comments, single quotes, members twice or unknown, numbers in quotes, blanks in base64.
    /// </summary>
    internal static class TolerantRecord
    {
        private const char ByteOrderMark = '\ufeff';

        /// <summary>Writes a text anew.</summary>
        /// <exception cref="JsonReaderException">It does not begin with a JSON object, or is not UTF-8.</exception>
        /// <exception cref="FormatException">A number is none, or base64 is not.</exception>
        internal static byte[] Rewrite(byte[] record)
        {
            string text = JsonText.Decode(record).TrimStart(ByteOrderMark);
            using (var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None })
            {
                return JsonText.ToBytes(Rewrite(JObject.Load(reader)), nameof(record));
            }
        }

        /// <summary>Writes an object anew. What is missing in it stays missing, for the engine to name.</summary>
        /// <exception cref="FormatException">A number is none, or base64 is not.</exception>
        internal static JObject Rewrite(JObject record)
        {
            var strict = new JObject();
            if (record["Key"] is JObject key)
            {
                var strictKey = new JObject();
                Copy(key, strictKey, "Created", Number);
                Copy(key, strictKey, "Key", Base64);
                if (key["ParentKeyMeta"] is JObject parent)
                {
                    var strictParent = new JObject();
                    Copy(parent, strictParent, "KeyId", Text);
                    Copy(parent, strictParent, "Created", Number);
                    strictKey.Add("ParentKeyMeta", strictParent);
                }

                strict.Add("Key", strictKey);
            }

            Copy(record, strict, "Data", Base64);
            return strict;
        }

        private static void Copy(JObject from, JObject to, string name, Func<JToken, JToken> convert)
        {
            JToken value = from[name];
            if (value != null && value.Type != JTokenType.Null)
            {
                to.Add(name, convert(value));
            }
        }

        private static JToken Number(JToken value)
        {
            return (long)value;
        }

        private static JToken Text(JToken value)
        {
            return (string)value;
        }

        private static JToken Base64(JToken value)
        {
            return Convert.ToBase64String(Convert.FromBase64String((string)value));
        }
    }
}
