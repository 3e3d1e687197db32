using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using GoDaddy.Asherah.Crypto.Exceptions;

namespace GoDaddy.Asherah.AppEncryption.Kms.Aws
{
    /// <summary>
    /// What is stored of a system key that AWS KMS has wrapped, JSON in UTF-8:
    /// <c>{"encryptedKey":base64,"kmsKeks":[{"region":..,"arn":..,"encryptedKek":base64},..]}</c>. encryptedKey is the
    /// system key, sealed with a data key, and each encryptedKek that data key as one region has wrapped it.
    /// </summary>
    internal sealed class AwsKeyEnvelope
    {
        // The bounds of the native library.
        private const int MaxText = 1 << 20;
        private const int MaxKeks = 64;
        private const int MaxKek = 6144;

        // ciphertext || tag || nonce
        private const int SealedSize = KeyBytes.Size + 16 + 12;

        // Nothing here goes into HTML: the plus signs of base64 stay plus signs.
        private static readonly JsonWriterOptions Plain =
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

        internal AwsKeyEnvelope(byte[] encryptedKey, List<Kek> keks)
        {
            EncryptedKey = encryptedKey;
            Keks = keks;
        }

        /// <summary>Gets the sealed system key.</summary>
        internal byte[] EncryptedKey { get; }

        /// <summary>Gets the wrapped data keys.</summary>
        internal List<Kek> Keks { get; }

        /// <summary>
        /// Reads an envelope. Members that are not known, and data keys that are spoilt, are left out.
        /// </summary>
        /// <exception cref="AppEncryptionException">It is none.</exception>
        internal static AwsKeyEnvelope Decode(byte[] text)
        {
            byte[] encryptedKey = null;
            var keks = new List<Kek>();
            try
            {
                if (text.Length > MaxText)
                {
                    throw new JsonException();
                }

                var reader = new Utf8JsonReader(text);
                Read(ref reader, JsonTokenType.StartObject);
                var members = new HashSet<string>(StringComparer.Ordinal);
                while (NextMember(ref reader, members, out string name))
                {
                    switch (name)
                    {
                        case "encryptedKey":
                            encryptedKey = Base64(Text(ref reader));
                            break;
                        case "kmsKeks":
                            ReadKeks(ref reader, keks);
                            break;
                        default:
                            reader.Skip();
                            break;
                    }
                }

                if (reader.Read())
                {
                    throw new JsonException();
                }
            }
            catch (Exception e) when (e is JsonException || e is InvalidOperationException)
            {
                throw new AppEncryptionException(
                    "The record of the system key is not one that AWS KMS has wrapped: was it made with another key " +
                    "management service?");
            }

            if (encryptedKey?.Length != SealedSize)
            {
                throw new AppEncryptionException(
                    "The system key wrapped by AWS KMS has " + (encryptedKey?.Length ?? 0) + " bytes; it must have " +
                    SealedSize + ".");
            }

            return new AwsKeyEnvelope(encryptedKey, keks);
        }

        /// <summary>Writes the envelope.</summary>
        internal byte[] Encode()
        {
            using (var text = new MemoryStream())
            {
                using (var json = new Utf8JsonWriter(text, Plain))
                {
                    json.WriteStartObject();
                    json.WriteString("encryptedKey", Convert.ToBase64String(EncryptedKey));
                    json.WriteStartArray("kmsKeks");
                    foreach (Kek kek in Keks)
                    {
                        json.WriteStartObject();
                        json.WriteString("region", kek.Region);
                        json.WriteString("arn", kek.Arn);
                        json.WriteString("encryptedKek", Convert.ToBase64String(kek.Wrapped));
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                }

                return text.ToArray();
            }
        }

        private static void ReadKeks(ref Utf8JsonReader reader, List<Kek> keks)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                return;
            }

            Require(ref reader, JsonTokenType.StartArray);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Require(ref reader, JsonTokenType.StartObject);
                string region = null;
                string arn = null;
                byte[] wrapped = null;
                var members = new HashSet<string>(StringComparer.Ordinal);
                while (NextMember(ref reader, members, out string name))
                {
                    switch (name)
                    {
                        case "region":
                            region = Text(ref reader);
                            break;
                        case "arn":
                            arn = Text(ref reader);
                            break;
                        case "encryptedKek":
                            wrapped = Base64(Text(ref reader));
                            break;
                        default:
                            reader.Skip();
                            break;
                    }
                }

                if (!string.IsNullOrEmpty(region) && wrapped?.Length > 0 && wrapped.Length <= MaxKek)
                {
                    keks.Add(new Kek(region, arn, wrapped));
                }

                if (keks.Count > MaxKeks)
                {
                    throw new JsonException();
                }
            }
        }

        // Goes to the value of the next member of an object; false at its end.
        private static bool NextMember(ref Utf8JsonReader reader, HashSet<string> members, out string name)
        {
            name = null;
            if (!reader.Read() || reader.TokenType == JsonTokenType.EndObject)
            {
                return false;
            }

            name = reader.GetString();
            if (!members.Add(name) || !reader.Read())
            {
                throw new JsonException();
            }

            return true;
        }

        private static void Read(ref Utf8JsonReader reader, JsonTokenType type)
        {
            reader.Read();
            Require(ref reader, type);
        }

        private static void Require(ref Utf8JsonReader reader, JsonTokenType type)
        {
            if (reader.TokenType != type)
            {
                throw new JsonException();
            }
        }

        private static string Text(ref Utf8JsonReader reader)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                return null;
            }

            Require(ref reader, JsonTokenType.String);
            return reader.GetString();
        }

        // What is no base64 is as if it were not there; .NET would skip blanks in it.
        private static byte[] Base64(string text)
        {
            if (text == null || text.IndexOfAny(new[] { ' ', '\t', '\r', '\n' }) >= 0)
            {
                return null;
            }

            try
            {
                return Convert.FromBase64String(text);
            }
            catch (FormatException)
            {
                return null;
            }
        }

        /// <summary>A data key as one region has wrapped it.</summary>
        internal sealed class Kek
        {
            internal Kek(string region, string arn, byte[] wrapped)
            {
                Region = region;
                Arn = arn;
                Wrapped = wrapped;
            }

            internal string Region { get; }

            /// <summary>Gets what names the key that has wrapped it, which is not looked at.</summary>
            internal string Arn { get; }

            internal byte[] Wrapped { get; }
        }
    }
}
