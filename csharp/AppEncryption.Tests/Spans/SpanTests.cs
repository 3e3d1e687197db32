using System;
using System.Buffers;
using System.Threading.Tasks;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;

namespace GoDaddy.Asherah.AppEncryption.Tests.Spans
{
    public sealed class SpanTests : IDisposable
    {
        private readonly SessionFactory factory = TestSetup.NewFactory();
        private readonly Session<byte[], byte[]> session;

        public SpanTests()
        {
            session = factory.GetSessionBytes("partition");
        }

        public void Dispose()
        {
            session.Dispose();
            factory.Dispose();
        }

        [Theory]
        [InlineData(0)]
        [InlineData(1)]
        [InlineData(64)]
        [InlineData(100_000)]
        public void BuffersAreFilled(int size)
        {
            byte[] payload = TestSetup.Pattern(size);
            foreach (Session<byte[], byte[]> one in new[] { session, new ArraySession(session) })
            {
                var record = new ArrayBufferWriter<byte>();
                record.Write(new byte[] { 1, 2 });
                one.Encrypt(payload, record);
                Assert.Equal(new byte[] { 1, 2 }, record.WrittenSpan.Slice(0, 2).ToArray());
                Assert.Equal(payload, session.Decrypt(record.WrittenSpan.Slice(2).ToArray()));
                using var back = new PooledBuffer();
                back.Write(new byte[] { 3 });
                one.Decrypt(record.WrittenSpan.Slice(2), back);
                Assert.Equal(3, back.WrittenSpan[0]);
                Assert.Equal(payload, back.WrittenSpan.Slice(1).ToArray());
            }
        }

        [Theory]
        [InlineData(0)]
        [InlineData(1000)]
        public void MemoryOfTheExactSizeIsEnoughAndLessIsNot(int size)
        {
            byte[] payload = TestSetup.Pattern(size);
            foreach (Session<byte[], byte[]> one in new[] { session, new ArraySession(session) })
            {
                byte[] record = one.Encrypt(payload);
                var room = new byte[record.Length];
                Assert.False(one.TryEncrypt(payload, room.AsSpan(1), out int written));
                Assert.Equal(0, written);
                Assert.True(one.TryEncrypt(payload, room, out written));
                Assert.Equal(record.Length, written);
                var back = new byte[size];
                Assert.True(one.TryDecrypt(room, back, out written));
                Assert.Equal(size, written);
                Assert.Equal(payload, back);
                if (size > 0)
                {
                    back = new byte[size - 1];
                    Assert.False(one.TryDecrypt(room, back, out written));
                    Assert.Equal(0, written);
                    Assert.Equal(new byte[size - 1], back);
                }
            }
        }

        [Theory]
        [InlineData(0)]
        [InlineData(65)]
        [InlineData(65536)]
        public void SizesAreBounds(int size)
        {
            byte[] record = session.Encrypt(TestSetup.Pattern(size));
            Assert.InRange(session.GetMaxRecordSize(size), record.Length, record.Length + 32);
            Assert.Equal(size, session.GetMaxPayloadSize(record));
            Assert.Equal(0, session.GetMaxPayloadSize(new byte[10]));
            var arrays = new ArraySession(session);
            Assert.InRange(arrays.GetMaxPayloadSize(record), size, int.MaxValue);
            Assert.Throws<NotSupportedException>(() => arrays.GetMaxRecordSize(size));
        }

        [Fact]
        public void NonsenseIsRefused()
        {
            var buffer = new ArrayBufferWriter<byte>();
            Session<byte[], byte[]> none = null;
            Assert.Throws<ArgumentNullException>("session", () => none.Encrypt(new byte[1], buffer));
            Assert.Throws<ArgumentNullException>("record", () => session.Encrypt(new byte[1], null));
            Assert.Throws<ArgumentNullException>("payload", () => session.Decrypt(new byte[1], null));
            Assert.Throws<ArgumentNullException>("payloads", () => session.EncryptBatch(null));
            Assert.Throws<ArgumentOutOfRangeException>("payloadSize", () => session.GetMaxRecordSize(-1));
            Assert.Throws<ArgumentException>("payloadSize", () => session.GetMaxRecordSize(int.MaxValue));
            var room = new byte[1000];
            Assert.Throws<ArgumentException>(() => session.TryEncrypt(room.AsSpan(10, 10), room, out _));
        }

        [Fact]
        public void FailuresAreThoseOfTheSession()
        {
            using Session<byte[], byte[]> stranger = factory.GetSessionBytes("stranger");
            byte[] record = session.Encrypt(TestSetup.Pattern(100));
            var room = new byte[200];
            Assert.Throws<MetadataMissingException>(() => stranger.TryDecrypt(record, room, out _));
            TestSetup.Alter(record);
            using var buffer = new PooledBuffer();
            Assert.ThrowsAny<AppEncryptionException>(() => session.Decrypt(record, buffer));
            Assert.Equal(0, buffer.WrittenCount);
            Assert.ThrowsAny<AppEncryptionException>(() => session.TryDecrypt(record, room, out _));
            Assert.Equal(new byte[100], room.AsSpan(0, 100).ToArray());
            Assert.Throws<Newtonsoft.Json.JsonReaderException>(() => session.Decrypt(new byte[10], buffer));
            session.Dispose();
            Assert.Throws<ObjectDisposedException>(() => session.TryEncrypt(new byte[1], room, out _));
            Assert.Throws<ObjectDisposedException>(() => session.EncryptBatch(new[] { new byte[1] }));
        }

        [Fact]
        public void BatchesKeepTheirOrderAndEachItsFailure()
        {
            var payloads = new byte[600][];
            for (int i = 0; i < payloads.Length; i++)
            {
                payloads[i] = TestSetup.Pattern(i);
            }

            foreach (Session<byte[], byte[]> one in new[] { session, new ArraySession(session) })
            {
                payloads[7] = null;
                BatchResult[] records = one.EncryptBatch(payloads);
                Assert.IsType<AppEncryptionException>(records[7].Error);
                Assert.Throws<AppEncryptionException>(() => records[7].Value);
                byte[][] sealedPayloads = Array.ConvertAll(records, r => r.Error == null ? r.Value : new byte[1]);
                sealedPayloads[599] = (byte[])sealedPayloads[599].Clone();
                TestSetup.Alter(sealedPayloads[599]);
                sealedPayloads[300] = null;
                BatchResult[] back = one.DecryptBatch(sealedPayloads);
                Assert.Equal(600, back.Length);
                for (int i = 0; i < back.Length; i++)
                {
                    switch (i)
                    {
                        case 7:
                            Assert.IsType<Newtonsoft.Json.JsonReaderException>(back[i].Error);
                            break;
                        case 300:
                            Assert.IsType<ArgumentNullException>(back[i].Error);
                            break;
                        case 599:
                            Assert.IsAssignableFrom<AppEncryptionException>(back[i].Error);
                            break;
                        default:
                            Assert.Null(back[i].Error);
                            Assert.Equal(payloads[i], back[i].Value);
                            break;
                    }
                }
            }

            Assert.Empty(session.EncryptBatch(Array.Empty<byte[]>()));
        }

        [Fact]
        public void WarmCallsOnTheCallersMemoryAllocateNothing()
        {
            byte[] payload = TestSetup.Pattern(1000);
            var record = new byte[session.GetMaxRecordSize(payload.Length)];
            long least = long.MaxValue;
            for (int i = 0; i < 50; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                session.TryEncrypt(payload, record, out int written);
                session.TryDecrypt(record.AsSpan(0, written), payload, out _);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            Assert.Equal(0, least);
        }

        /// <summary>A session of the application's own on top of another one.</summary>
        private sealed class ArraySession(Session<byte[], byte[]> inner) : Session<byte[], byte[]>
        {
            public override byte[] Encrypt(byte[] payLoad) => inner.Encrypt((byte[])payLoad?.Clone());

            public override byte[] Decrypt(byte[] dataRowRecord) => inner.Decrypt(dataRowRecord);

            public override Task<byte[]> EncryptAsync(byte[] payLoad) => throw new NotSupportedException();

            public override Task<byte[]> DecryptAsync(byte[] dataRowRecord) => throw new NotSupportedException();

            public override void Dispose() => throw new NotSupportedException();
        }
    }
}
