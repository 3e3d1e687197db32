using System;
using System.Buffers;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>
    /// A growing buffer from the shared pool, for payloads that shall not become arrays. What it outgrows, and what it
    /// holds at the end, is wiped before it goes back. Not part of canonical Asherah. For use by one thread at a time.
    /// </summary>
    public sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
    {
        private const int LeastGrowth = 256;

        private byte[] bytes;
        private int written;

        /// <summary>Makes a buffer.</summary>
        /// <param name="capacity">Bytes to have room for at first; it grows by itself.</param>
        /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
        public PooledBuffer(int capacity = 0)
        {
            if (capacity < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "It is negative.");
            }

            bytes = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 1));
        }

        /// <summary>Gets what has been written, valid until something else is, or until the buffer is
        /// disposed.</summary>
        public ReadOnlySpan<byte> WrittenSpan => new ReadOnlySpan<byte>(Bytes, 0, written);

        /// <summary>Gets what has been written, valid as <see cref="WrittenSpan"/>.</summary>
        public ReadOnlyMemory<byte> WrittenMemory => new ReadOnlyMemory<byte>(Bytes, 0, written);

        /// <summary>Gets how many bytes have been written.</summary>
        public int WrittenCount => written;

        private byte[] Bytes => bytes ?? throw new ObjectDisposedException(nameof(PooledBuffer));

        /// <inheritdoc/>
        public void Advance(int count)
        {
            if (count < 0 || count > Bytes.Length - written)
            {
                throw new ArgumentOutOfRangeException(nameof(count), count, "It is negative, or more than there is.");
            }

            written += count;
        }

        /// <inheritdoc/>
        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            Reserve(sizeHint);
            return new Memory<byte>(bytes, written, bytes.Length - written);
        }

        /// <inheritdoc/>
        public Span<byte> GetSpan(int sizeHint = 0)
        {
            Reserve(sizeHint);
            return new Span<byte>(bytes, written, bytes.Length - written);
        }

        /// <summary>Wipes what has been written, and begins anew.</summary>
        public void Clear()
        {
            Memory.Wipe(Bytes);
            written = 0;
        }

        /// <summary>Wipes the buffer and gives it back; calling it again does nothing.</summary>
        public void Dispose()
        {
            byte[] last = bytes;
            bytes = null;
            written = 0;
            if (last != null)
            {
                GiveBack(last);
            }
        }

        // All of it: who writes may have used more of a span than it has told.
        private static void GiveBack(byte[] bytes)
        {
            Memory.Wipe(bytes);
            ArrayPool<byte>.Shared.Return(bytes);
        }

        private void Reserve(int count)
        {
            if (count < 0)
            {
                throw new ArgumentOutOfRangeException("sizeHint", count, "It is negative.");
            }

            byte[] old = Bytes;
            if (old.Length - written >= Math.Max(count, 1))
            {
                return;
            }

            int size = checked(written + Math.Max(count, LeastGrowth));
            bytes = ArrayPool<byte>.Shared.Rent(Math.Max(size, old.Length > int.MaxValue / 4 ? size : 2 * old.Length));
            Buffer.BlockCopy(old, 0, bytes, 0, written);
            GiveBack(old);
        }
    }
}
