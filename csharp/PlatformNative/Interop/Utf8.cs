using System;
using System.Text;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>UTF-8 that refuses lone surrogates: replaced, two different ids would become one.</summary>
    internal static unsafe class Utf8
    {
        private static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        /// <summary>Returns the bytes of a text.</summary>
        /// <exception cref="ArgumentException">The text has a lone surrogate.</exception>
        internal static byte[] GetBytes(string text, string paramName)
        {
            try
            {
                return Strict.GetBytes(text);
            }
            catch (EncoderFallbackException)
            {
                throw LoneSurrogate(paramName);
            }
        }

        /// <summary>Returns how many bytes text[start..start+length) takes.</summary>
        /// <exception cref="ArgumentException">The text has a lone surrogate.</exception>
        internal static int GetByteCount(string text, int start, int length, string paramName)
        {
            try
            {
                fixed (char* chars = text)
                {
                    return Strict.GetByteCount(chars + start, length);
                }
            }
            catch (EncoderFallbackException)
            {
                throw LoneSurrogate(paramName);
            }
        }

        /// <summary>Writes a part of a text that <see cref="GetByteCount"/> has accepted.</summary>
        internal static void GetBytes(string text, int start, int length, byte* bytes, int count)
        {
            fixed (char* chars = text)
            {
                Strict.GetBytes(chars + start, length, bytes, count);
            }
        }

        /// <summary>Reads a NUL-terminated text of the library; null gives null.</summary>
        internal static string FromNative(byte* text)
        {
            if (text == null)
            {
                return null;
            }

            int length = 0;
            while (text[length] != 0)
            {
                length++;
            }

            return Encoding.UTF8.GetString(text, length);
        }

        // The encoder's own exception is left out: its properties hold a piece of the text, which may be a key.
        private static ArgumentException LoneSurrogate(string paramName)
        {
            return new ArgumentException("The text has a lone surrogate and so has no UTF-8 form.", paramName);
        }
    }
}
