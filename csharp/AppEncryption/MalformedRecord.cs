using System;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>
    /// Finds out what is wrong with a record that the library has refused for its form. Canonical Asherah throws
    /// different exceptions for text that is no JSON object, for a missing member and for bad base64, and callers catch
    /// them.
    /// </summary>
    internal static class MalformedRecord
    {
        /// <summary>Returns the exception for a record that could not be decrypted.</summary>
        /// <param name="record">The record.</param>
        /// <param name="status">The library's status.</param>
        /// <param name="error">The exception for the status, returned where there is none more precise.</param>
        internal static Exception Explain(byte[] record, int status, Exception error)
        {
            return status == Status.MalformedRecord || status == Status.MetadataMissing
                ? Explain(record, error)
                : error;
        }

        /// <summary>Returns the exception for a refused record.</summary>
        /// <param name="record">The record.</param>
        /// <param name="error">The exception returned where there is none more precise.</param>
        internal static Exception Explain(byte[] record, Exception error)
        {
            JObject parsed;
            try
            {
                parsed = JsonText.Parse(record);
            }
            catch (JsonReaderException e)
            {
                return e;
            }

            return Explain(parsed, error);
        }

        /// <summary>Returns the exception for a refused record that is a JSON object.</summary>
        /// <param name="parsed">The record.</param>
        /// <param name="error">The exception returned where there is none more precise.</param>
        internal static Exception Explain(JObject parsed, Exception error)
        {
            JToken key = parsed["Key"];
            string missing =
                IsAbsent(key) ? "Key"
                : IsAbsent(parsed["Data"]) ? "Data"
                : MissingIn(key);
            if (missing != null)
            {
                return new AppEncryptionException(
                    "The data row record has no " + missing + ".", new NullReferenceException(missing));
            }

            return BadBase64(parsed["Data"], "Data") ?? BadBase64((key as JObject)?["Key"], "Key.Key")
                ?? error;
        }

        private static string MissingIn(JToken key)
        {
            if (!(key is JObject))
            {
                return null;
            }

            JToken parent = key["ParentKeyMeta"];
            return IsAbsent(key["Created"]) ? "Key.Created"
                : IsAbsent(key["Key"]) ? "Key.Key"
                : !(parent is JObject) ? null
                : IsAbsent(parent["KeyId"]) ? "Key.ParentKeyMeta.KeyId"
                : IsAbsent(parent["Created"]) ? "Key.ParentKeyMeta.Created"
                : null;
        }

        private static Exception BadBase64(JToken token, string member)
        {
            if (token?.Type != JTokenType.String)
            {
                return null;
            }

            try
            {
                Convert.FromBase64String((string)token);
                return null;
            }
            catch (FormatException e)
            {
                return new FormatException(member + " of the data row record is not base64.", e);
            }
        }

        private static bool IsAbsent(JToken token)
        {
            return token == null || token.Type == JTokenType.Null;
        }
    }
}
