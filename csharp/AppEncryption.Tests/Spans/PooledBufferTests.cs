using System;
using System.Buffers;
using System.Linq;
using System.Runtime.InteropServices;

namespace GoDaddy.Asherah.AppEncryption.Tests.Spans
{
    public sealed class PooledBufferTests
    {
        [Fact]
        public void ItGrowsAndKeepsWhatIsWritten()
        {
            using var buffer = new PooledBuffer(3);
            byte[] all = TestSetup.Pattern(100_000);
            for (int i = 0; i < all.Length; i += 1000)
            {
                all.AsSpan(i, 1000).CopyTo(buffer.GetSpan(1000));
                buffer.Advance(1000);
            }

            Assert.Equal(all, buffer.WrittenSpan.ToArray());
            Assert.Equal(all, buffer.WrittenMemory.ToArray());
            Assert.Equal(all.Length, buffer.WrittenCount);
        }

        [Fact]
        public void WhatItLeavesIsWiped()
        {
            var buffer = new PooledBuffer(100);
            byte[] first = ArrayOf(buffer);
            first.AsSpan().Fill(1);
            buffer.Advance(10);
            buffer.GetSpan(100_000);
            Assert.All(first, b => Assert.Equal(0, b));
            byte[] second = ArrayOf(buffer);
            Assert.NotSame(first, second);
            Assert.Equal(Enumerable.Repeat((byte)1, 10), second.Take(10));
            second.AsSpan().Fill(2);
            buffer.Clear();
            Assert.Equal(0, buffer.WrittenCount);
            Assert.All(second, b => Assert.Equal(0, b));
            second.AsSpan().Fill(3);
            buffer.Dispose();
            Assert.All(second, b => Assert.Equal(0, b));
        }

        [Fact]
        public void MisuseIsRefused()
        {
            Assert.Throws<ArgumentOutOfRangeException>("capacity", () => new PooledBuffer(-1));
            var buffer = new PooledBuffer();
            Assert.Throws<ArgumentOutOfRangeException>("count", () => buffer.Advance(-1));
            Assert.Throws<ArgumentOutOfRangeException>("count", () => buffer.Advance(int.MaxValue));
            Assert.Throws<ArgumentOutOfRangeException>("sizeHint", () => buffer.GetMemory(-1));
            Assert.True(buffer.GetMemory().Length > 0);
            buffer.Dispose();
            buffer.Dispose();
            Assert.Throws<ObjectDisposedException>(() => buffer.GetSpan(1).Length);
            Assert.Throws<ObjectDisposedException>(() => buffer.WrittenSpan.Length);
            Assert.Throws<ObjectDisposedException>(buffer.Clear);
        }

        private static byte[] ArrayOf(PooledBuffer buffer)
        {
            Assert.True(MemoryMarshal.TryGetArray((ReadOnlyMemory<byte>)buffer.GetMemory(), out ArraySegment<byte> a));
            return a.Array;
        }
    }
}
