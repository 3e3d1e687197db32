using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Amazon.DynamoDBv2.Model;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>Key records as the map KeyRecord of an item: texts S, numbers N, Revoked BOOL and only where it is
    /// true, ParentKeyMeta M and only where there is a parent.</summary>
    internal static class DynamoDbItem
    {
        /// <summary>Returns the map for a record.</summary>
        /// <exception cref="AppEncryptionException">A member is missing.</exception>
        internal static AttributeValue ToAttribute(JObject record)
        {
            return Attribute(JsonText.Parse(Encoding.UTF8.GetBytes(KeyRecordText.Format(record))));
        }

        /// <summary>Returns the record of a map.</summary>
        /// <exception cref="AppEncryptionException">It is none.</exception>
        internal static JObject ToRecord(AttributeValue map)
        {
            try
            {
                return KeyRecordText.Parse(Encoding.UTF8.GetBytes(Token(map).ToString(Formatting.None)));
            }
            catch (Exception e) when (e is JsonException || e is FormatException || e is ArgumentException)
            {
                throw new AppEncryptionException("The metastore holds a key record that is not one.", e);
            }
        }

        private static AttributeValue Attribute(JToken token)
        {
            switch (token.Type)
            {
                case JTokenType.Object:
                    var members = new Dictionary<string, AttributeValue>();
                    foreach (KeyValuePair<string, JToken> member in (JObject)token)
                    {
                        members[member.Key] = Attribute(member.Value);
                    }

                    return new AttributeValue { M = members };
                case JTokenType.Boolean:
                    return new AttributeValue { BOOL = (bool)token };
                case JTokenType.Integer:
                    return new AttributeValue { N = token.ToString(Formatting.None) };
                default:
                    return new AttributeValue { S = (string)token };
            }
        }

        // What a record has no use for becomes null.
        private static JToken Token(AttributeValue attribute)
        {
            if (attribute.S != null)
            {
                return attribute.S;
            }

            if (attribute.N != null)
            {
                return new JRaw(attribute.N);
            }

            if (attribute.BOOL != null)
            {
                return attribute.BOOL.Value;
            }

            if (attribute.M == null)
            {
                return JValue.CreateNull();
            }

            // Maps have no order; canonical Asherah has KeyId before Created.
            var members = new JObject();
            foreach (KeyValuePair<string, AttributeValue> member in
                attribute.M.OrderByDescending(m => m.Key, StringComparer.Ordinal))
            {
                members[member.Key] = Token(member.Value);
            }

            return members;
        }
    }
}
