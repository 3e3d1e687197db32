using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using GoDaddy.Asherah.Crypto.Exceptions;
using LanguageExt;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Util
{
    /// <summary>
    /// A JSON object with the types that records are made of: times as whole seconds since 1970 UTC, bytes as base64.
    /// Not safe for use by several threads while one of them adds to it.
    /// </summary>
    public class Json
    {
        private readonly JObject document;

        /// <summary>Makes an empty object.</summary>
        public Json()
        {
            document = new JObject();
        }

        /// <summary>Wraps an object, which is not copied.</summary>
        /// <param name="jObject">The object.</param>
        /// <exception cref="ArgumentException">It is null.</exception>
        public Json(JObject jObject)
        {
            document = jObject ?? throw new ArgumentException("jObject is null");
        }

        /// <summary>Reads the object that a text begins with, as Newtonsoft.Json reads it; texts that look like dates
        /// stay texts.</summary>
        /// <param name="utf8Json">The text in UTF-8.</param>
        /// <exception cref="ArgumentNullException">It is null.</exception>
        /// <exception cref="JsonReaderException">It does not begin with a JSON object.</exception>
        public Json(byte[] utf8Json)
        {
            if (utf8Json == null)
            {
                throw new ArgumentNullException("buffer");
            }

            using (var reader = new JsonTextReader(new StreamReader(new MemoryStream(utf8Json), Encoding.UTF8)))
            {
                reader.DateParseHandling = DateParseHandling.None;
                document = JObject.Load(reader);
            }
        }

        /// <summary>Returns a member that is an object.</summary>
        /// <param name="key">The member's name.</param>
        /// <returns>The object, which is not copied.</returns>
        /// <exception cref="AppEncryptionException">There is no such member, or it is no object.</exception>
        public Json GetJson(string key)
        {
            return new Json(AsObject(key, Require(key)));
        }

        /// <summary>Returns a member that is an object, if there is one.</summary>
        /// <param name="key">The member's name.</param>
        /// <returns>The object; none if there is no such member or it is null.</returns>
        /// <exception cref="AppEncryptionException">It is no object.</exception>
        public Option<Json> GetOptionalJson(string key)
        {
            JToken value = Find(key);
            return value == null ? Option<Json>.None : Option<Json>.Some(new Json(AsObject(key, value)));
        }

        /// <summary>Returns a member that is a text.</summary>
        /// <param name="key">The member's name.</param>
        /// <returns>The text.</returns>
        /// <exception cref="AppEncryptionException">There is no such member.</exception>
        public string GetString(string key)
        {
            return (string)Require(key);
        }

        /// <summary>Returns a member that is bytes in base64.</summary>
        /// <param name="key">The member's name.</param>
        /// <returns>The bytes.</returns>
        /// <exception cref="AppEncryptionException">There is no such member.</exception>
        /// <exception cref="FormatException">It is not base64.</exception>
        public byte[] GetBytes(string key)
        {
            return Convert.FromBase64String((string)Require(key));
        }

        /// <summary>Returns a member that is a time.</summary>
        /// <param name="key">The member's name.</param>
        /// <returns>The time, in UTC.</returns>
        /// <exception cref="AppEncryptionException">There is no such member.</exception>
        public DateTimeOffset GetDateTimeOffset(string key)
        {
            return DateTimeOffset.FromUnixTimeSeconds((long)Require(key));
        }

        /// <summary>Returns a member that is true or false, if there is one.</summary>
        /// <param name="key">The member's name.</param>
        /// <returns>The value; none if there is no such member or it is null.</returns>
        public Option<bool> GetOptionalBoolean(string key)
        {
            JToken value = Find(key);
            return value == null ? Option<bool>.None : Option<bool>.Some((bool)value);
        }

        /// <summary>Returns a member that is an array.</summary>
        /// <param name="key">The member's name.</param>
        /// <returns>The array, which is not copied.</returns>
        /// <exception cref="AppEncryptionException">There is no such member, or it is no array.</exception>
        public JArray GetJsonArray(string key)
        {
            return Require(key) as JArray ?? throw Mistyped(key, "an array");
        }

        /// <summary>Adds a time, cut to whole seconds.</summary>
        /// <param name="key">The member's name.</param>
        /// <param name="dateTimeOffset">The time.</param>
        /// <exception cref="ArgumentException">There is a member of this name.</exception>
        public void Put(string key, DateTimeOffset dateTimeOffset)
        {
            document.Add(key, dateTimeOffset.ToUnixTimeSeconds());
        }

        /// <summary>Adds a text.</summary>
        /// <param name="key">The member's name.</param>
        /// <param name="text">The text.</param>
        /// <exception cref="ArgumentException">There is a member of this name.</exception>
        public void Put(string key, string text)
        {
            document.Add(key, text);
        }

        /// <summary>Adds bytes, as base64.</summary>
        /// <param name="key">The member's name.</param>
        /// <param name="bytes">The bytes.</param>
        /// <exception cref="ArgumentNullException">They are null.</exception>
        /// <exception cref="ArgumentException">There is a member of this name.</exception>
        public void Put(string key, byte[] bytes)
        {
            document.Add(key, Convert.ToBase64String(bytes));
        }

        /// <summary>Adds an object.</summary>
        /// <param name="key">The member's name.</param>
        /// <param name="jObject">The object.</param>
        /// <exception cref="ArgumentException">There is a member of this name.</exception>
        public void Put(string key, JObject jObject)
        {
            document.Add(key, jObject);
        }

        /// <summary>Adds an object.</summary>
        /// <param name="key">The member's name.</param>
        /// <param name="json">The object.</param>
        /// <exception cref="ArgumentException">There is a member of this name.</exception>
        public void Put(string key, Json json)
        {
            document.Add(key, json.document);
        }

        /// <summary>Adds true or false.</summary>
        /// <param name="key">The member's name.</param>
        /// <param name="value">The value.</param>
        /// <exception cref="ArgumentException">There is a member of this name.</exception>
        public void Put(string key, bool value)
        {
            document.Add(key, value);
        }

        /// <summary>Adds an array of objects.</summary>
        /// <param name="key">The member's name.</param>
        /// <param name="jsonList">The objects.</param>
        /// <exception cref="ArgumentNullException">They are null.</exception>
        /// <exception cref="ArgumentException">There is a member of this name.</exception>
        public void Put(string key, List<JObject> jsonList)
        {
            if (jsonList == null)
            {
                throw new ArgumentNullException("o");
            }

            var array = new JArray();
            foreach (JObject json in jsonList)
            {
                array.Add(json);
            }

            document.Add(key, array);
        }

        /// <summary>Returns the object as text without blanks; what is not ASCII is not escaped.</summary>
        /// <returns>The text.</returns>
        public string ToJsonString()
        {
            return document.ToString(Formatting.None);
        }

        /// <summary>Returns what <see cref="ToJsonString"/> does, in UTF-8.</summary>
        /// <returns>The text.</returns>
        /// <exception cref="ArgumentException">A text in it has a lone surrogate.</exception>
        public byte[] ToUtf8()
        {
            return JsonText.ToBytes(document, "jObject");
        }

        /// <summary>Returns the object itself.</summary>
        /// <returns>The object, which is not copied.</returns>
        public JObject ToJObject()
        {
            return document;
        }

        private static JObject AsObject(string key, JToken value)
        {
            return value as JObject ?? throw Mistyped(key, "an object");
        }

        private static AppEncryptionException Mistyped(string key, string type)
        {
            return new AppEncryptionException("The member " + key + " of the JSON object is not " + type + ".");
        }

        private JToken Find(string key)
        {
            JToken value = document[key];
            return value == null || value.Type == JTokenType.Null ? null : value;
        }

        // Canonical Asherah fails here with a NullReferenceException, which stays within reach of who looks for it.
        private JToken Require(string key)
        {
            return Find(key) ?? throw new AppEncryptionException(
                "The JSON object has no " + key + ".", new NullReferenceException(key));
        }
    }
}
