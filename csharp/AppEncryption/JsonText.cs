using System.IO;
using System.Text;
using GoDaddy.Asherah.PlatformNative.Interop;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>JSON objects to and from UTF-8.</summary>
    internal static class JsonText
    {
        private static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        /// <summary>Returns an object as compact UTF-8.</summary>
        /// <exception cref="System.ArgumentException">A text in it has a lone surrogate.</exception>
        internal static byte[] ToBytes(JObject value, string paramName)
        {
            return Utf8.GetBytes(value.ToString(Formatting.None), paramName);
        }

        /// <summary>Returns the object that UTF-8 text holds; texts that look like dates stay texts.</summary>
        /// <exception cref="JsonReaderException">It is not UTF-8, not a JSON object, or more than one.</exception>
        internal static JObject Parse(byte[] utf8)
        {
            using (var reader = new JsonTextReader(new StringReader(Decode(utf8))))
            {
                reader.DateParseHandling = DateParseHandling.None;
                JObject value = JObject.Load(reader);
                while (reader.Read())
                {
                    if (reader.TokenType != JsonToken.Comment)
                    {
                        throw new JsonReaderException("There is text after the JSON object.");
                    }
                }

                return value;
            }
        }

        /// <summary>Returns the text that UTF-8 holds.</summary>
        /// <exception cref="JsonReaderException">It is not UTF-8.</exception>
        internal static string Decode(byte[] utf8)
        {
            try
            {
                return Strict.GetString(utf8);
            }
            catch (DecoderFallbackException e)
            {
                throw new JsonReaderException("The JSON text is not UTF-8.", e);
            }
        }
    }
}
