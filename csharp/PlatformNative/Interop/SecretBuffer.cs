using System;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>
    /// A growing buffer for text with secrets in it. It lies outside the managed heap, where the garbage collector
    /// would leave copies behind when it moves things; what it outgrows and what it holds at the end is wiped.
    /// </summary>
    internal sealed unsafe class SecretBuffer : IDisposable
    {
        private byte* data;
        private int capacity;

        internal SecretBuffer(int capacity)
        {
            data = (byte*)Marshal.AllocHGlobal(capacity);
            this.capacity = capacity;
        }

        ~SecretBuffer()
        {
            Free();
        }

        /// <summary>Gets the bytes written so far, valid until the next one is.</summary>
        internal byte* Data => data;

        /// <summary>Gets how many there are.</summary>
        internal int Length { get; private set; }

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        /// <summary>Adds one byte.</summary>
        internal void Add(byte value)
        {
            *Reserve(1) = value;
        }

        /// <summary>Adds a text of ASCII characters.</summary>
        internal void AddAscii(string text)
        {
            byte* destination = Reserve(text.Length);
            for (int i = 0; i < text.Length; i++)
            {
                destination[i] = (byte)text[i];
            }
        }

        /// <summary>Adds text[start..start+length) as UTF-8.</summary>
        /// <exception cref="ArgumentException">The text has a lone surrogate.</exception>
        internal void AddUtf8(string text, int start, int length, string paramName)
        {
            if (length != 0)
            {
                int count = Utf8.GetByteCount(text, start, length, paramName);
                Utf8.GetBytes(text, start, length, Reserve(count), count);
            }
        }

        /// <summary>Makes room for count more bytes, counts them as written and returns the first.</summary>
        internal byte* Reserve(int count)
        {
            int needed = checked(Length + count);
            if (needed > capacity)
            {
                Grow(Math.Max(needed, capacity > int.MaxValue / 2 ? int.MaxValue : capacity * 2));
            }

            byte* start = data + Length;
            Length = needed;
            return start;
        }

        private void Grow(int newCapacity)
        {
            byte* bigger = (byte*)Marshal.AllocHGlobal(newCapacity);
            Buffer.MemoryCopy(data, bigger, newCapacity, Length);
            Memory.Wipe(data, Length);
            Marshal.FreeHGlobal((IntPtr)data);
            data = bigger;
            capacity = newCapacity;
        }

        private void Free()
        {
            if (data != null)
            {
                Memory.Wipe(data, Length);
                Marshal.FreeHGlobal((IntPtr)data);
                data = null;
            }
        }
    }
}
