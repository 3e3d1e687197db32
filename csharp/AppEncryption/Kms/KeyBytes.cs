using System;
using System.IO;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Kms
{
    /// <summary>
    /// The bytes of a key on their way from one place to another, in an array that the garbage collector does not move,
    /// so that wiping it leaves no copy behind.
    /// </summary>
    internal sealed class KeyBytes : IDisposable
    {
        /// <summary>Bytes of a key.</summary>
        internal const int Size = 32;

#if !NET8_0_OR_GREATER
        private readonly GCHandle pin;
#endif

        private KeyBytes()
        {
#if NET8_0_OR_GREATER
            Bytes = GC.AllocateArray<byte>(Size, pinned: true);
#else
            Bytes = new byte[Size];
            pin = GCHandle.Alloc(Bytes, GCHandleType.Pinned);
#endif
        }

        /// <summary>Gets the bytes, which are zeros after <see cref="Dispose"/>.</summary>
        internal byte[] Bytes { get; }

        public void Dispose()
        {
            Memory.Wipe(Bytes);
#if !NET8_0_OR_GREATER
            if (pin.IsAllocated)
            {
                pin.Free();
            }
#endif
        }

        /// <summary>Copies the bytes of a key.</summary>
        /// <exception cref="KmsException">There are more or fewer than <see cref="Size"/>.</exception>
        internal static unsafe KeyBytes Copy(byte* source, ulong length)
        {
            if (length != Size)
            {
                throw new KmsException("The unwrapped key has " + length + " bytes; it must have " + Size + ".");
            }

            var key = new KeyBytes();
            Marshal.Copy((IntPtr)source, key.Bytes, 0, Size);
            return key;
        }

        /// <summary>Returns the UTF-8 bytes of a text that takes <see cref="Size"/> of them.</summary>
        internal static unsafe KeyBytes OfText(string text)
        {
            var key = new KeyBytes();
            fixed (byte* bytes = key.Bytes)
            {
                Utf8.GetBytes(text, 0, text.Length, bytes, Size);
            }

            return key;
        }

        /// <summary>Takes the content of a stream, which is wiped.</summary>
        /// <exception cref="InvalidDataException">It is missing or has another length.</exception>
        internal static KeyBytes Take(MemoryStream stream)
        {
            if (stream == null)
            {
                throw new InvalidDataException("The answer has no key.");
            }

            var key = new KeyBytes();
            try
            {
                if (stream.Length != Size)
                {
                    throw new InvalidDataException(
                        "The answer has a key of " + stream.Length + " bytes; it must have " + Size + ".");
                }

                stream.Position = 0;
                if (stream.Read(key.Bytes, 0, Size) != Size)
                {
                    throw new InvalidDataException("The answer's key cannot be read.");
                }

                return key;
            }
            catch
            {
                key.Dispose();
                throw;
            }
            finally
            {
                Wipe(stream);
            }
        }

        private static void Wipe(MemoryStream stream)
        {
            if (stream.TryGetBuffer(out ArraySegment<byte> content))
            {
                Array.Clear(content.Array, content.Offset, content.Count);
            }
            else if (stream.CanWrite)
            {
                stream.Position = 0;
                stream.Write(new byte[stream.Length], 0, (int)stream.Length);
            }
        }
    }
}
