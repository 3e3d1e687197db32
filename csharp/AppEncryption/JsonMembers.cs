using System;
using System.Collections.Generic;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>
    /// Just enough JSON for the configuration. A general reader would copy values, among them passwords, into strings
    /// that cannot be wiped; checking the text is the native parser's work.
    /// </summary>
    internal static class JsonMembers
    {
        /// <summary>Returns the member names of a JSON object, as they are written.</summary>
        /// <exception cref="ArgumentException">The text is not an object, or ends early.</exception>
        internal static List<string> Names(string json, string paramName)
        {
            var names = new List<string>();
            string trimmed = json.Trim(' ', '\t', '\r', '\n');
            if (trimmed.Length < 2 || trimmed[0] != '{' || trimmed[trimmed.Length - 1] != '}')
            {
                throw new ArgumentException("The native configuration is not a JSON object.", paramName);
            }

            int depth = 0;
            int nameStart = -1;
            int nameEnd = -1;
            for (int i = 0; i < trimmed.Length; i++)
            {
                switch (trimmed[i])
                {
                    case '"':
                        int end = EndOfString(trimmed, i, paramName);
                        nameStart = i + 1;
                        nameEnd = end;
                        i = end;
                        break;
                    case ':' when depth == 1 && nameStart >= 0:
                        names.Add(trimmed.Substring(nameStart, nameEnd - nameStart));
                        nameStart = -1;
                        break;
                    case '{':
                    case '[':
                        depth++;
                        break;
                    case '}':
                    case ']':
                        depth--;
                        if (depth == 0 && i != trimmed.Length - 1)
                        {
                            throw new ArgumentException(
                                "The native configuration has text after its JSON object.", paramName);
                        }

                        break;
                }
            }

            return names;
        }

        /// <summary>Writes a text as a JSON string.</summary>
        /// <exception cref="ArgumentException">The text has a lone surrogate.</exception>
        internal static void AddString(SecretBuffer json, string text, string paramName)
        {
            const string Digits = "0123456789abcdef";
            json.Add((byte)'"');
            int plain = 0;
            for (int i = 0; i < text.Length; i++)
            {
                char c = text[i];
                if (c >= ' ' && c != '"' && c != '\\')
                {
                    continue;
                }

                json.AddUtf8(text, plain, i - plain, paramName);
                plain = i + 1;
                if (c < ' ')
                {
                    json.AddAscii("\\u00");
                    json.Add((byte)Digits[c >> 4]);
                    json.Add((byte)Digits[c & 15]);
                }
                else
                {
                    json.Add((byte)'\\');
                    json.Add((byte)c);
                }
            }

            json.AddUtf8(text, plain, text.Length - plain, paramName);
            json.Add((byte)'"');
        }

        private static int EndOfString(string json, int start, string paramName)
        {
            for (int i = start + 1; i < json.Length; i++)
            {
                if (json[i] == '\\')
                {
                    i++;
                }
                else if (json[i] == '"')
                {
                    return i;
                }
            }

            throw new ArgumentException("The native configuration has a string without an end.", paramName);
        }
    }
}
