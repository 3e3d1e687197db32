using System;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// The members of records, with the types they have to have: nothing is converted, null is the same as no such
    /// member. Every other type is refused with an <see cref="AppEncryptionException"/>.
    /// </summary>
    internal static class RecordMembers
    {
        // What DateTimeOffset can hold.
        private const long FirstSecond = -62135596800;
        private const long LastSecond = 253402300799;

        internal static JObject Object(JObject record, string name)
        {
            JToken value = Find(record, name);
            return value == null ? null : value as JObject ?? throw Mistyped(name, "an object");
        }

        internal static string Text(JObject record, string name)
        {
            JToken value = Find(record, name);
            switch (value?.Type)
            {
                case null:
                    return null;
                case JTokenType.String:
                    return (string)value;
                case JTokenType.Bytes: // which are written as base64
                    return Convert.ToBase64String((byte[])value);
                default:
                    throw Mistyped(name, "a string");
            }
        }

        /// <summary>Returns standard base64 with its padding and nothing else.</summary>
        internal static byte[] Bytes(JObject record, string name)
        {
            string text = Text(record, name);
            if (text == null)
            {
                return null;
            }

            foreach (char c in text)
            {
                if (char.IsWhiteSpace(c))
                {
                    throw Mistyped(name, "base64");
                }
            }

            try
            {
                return Convert.FromBase64String(text);
            }
            catch (FormatException)
            {
                throw Mistyped(name, "base64");
            }
        }

        internal static bool? Boolean(JObject record, string name)
        {
            JToken value = Find(record, name);
            return value == null ? (bool?)null
                : value.Type == JTokenType.Boolean ? (bool)value
                : throw Mistyped(name, "true or false");
        }

        /// <summary>Returns whole seconds.</summary>
        internal static long? Seconds(JObject record, string name)
        {
            JToken value = Find(record, name);
            if (value == null)
            {
                return null;
            }

            object number = (value as JValue)?.Value;
            return value.Type == JTokenType.Integer && !(number is ulong) && !(number is System.Numerics.BigInteger)
                ? (long)value
                : throw Mistyped(name, "a whole number of seconds");
        }

        /// <summary>Returns a time, which for those that no clock shows is the first or the last there is.</summary>
        internal static DateTimeOffset Time(long seconds)
        {
            return DateTimeOffset.FromUnixTimeSeconds(Math.Max(FirstSecond, Math.Min(LastSecond, seconds)));
        }

        internal static bool IsTime(long seconds)
        {
            return seconds >= FirstSecond && seconds <= LastSecond;
        }

        internal static AppEncryptionException Mistyped(string member, string type)
        {
            return new AppEncryptionException("The record's member " + member + " is not " + type + ".");
        }

        internal static MetadataMissingException NoParent(string what)
        {
            return new MetadataMissingException("Could not find ParentKeyMeta in the " + what + ".");
        }

        private static JToken Find(JObject record, string name)
        {
            JToken value = record[name];
            return value == null || value.Type == JTokenType.Null || value.Type == JTokenType.Undefined ? null : value;
        }
    }
}
