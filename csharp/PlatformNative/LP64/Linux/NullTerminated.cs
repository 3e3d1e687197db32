using System.Text;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux
{
    /// <summary>Texts for C.</summary>
    internal static class NullTerminated
    {
        /// <summary>Returns the bytes of a text and a NUL; null gives null.</summary>
        internal static byte[] Utf8(string text)
        {
            return text == null ? null : Encoding.UTF8.GetBytes(text + "\0");
        }
    }
}
