using System;
using System.Buffers;
using System.Collections.Generic;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>
    /// Sessions on the caller's memory, without an array for each payload and record, and batches. Not part of
    /// canonical Asherah. They fail as <c>Encrypt</c> and <c>Decrypt</c> of the session do. With sessions that are not
    /// on the native library, such as mocks, they work by way of arrays.
    /// </summary>
    public static class BytesSessionExtensions
    {
        // Inputs of one call of the library: enough for its cost to vanish, few enough for the results not to pile up.
        private const int BatchSize = 256;

        // Room beyond the payload, in which the library decrypts without a buffer of its own.
        private const int DecryptionRoom = 28;

        /// <summary>Encrypts a payload and adds the data row record to a buffer.</summary>
        /// <param name="session">The session.</param>
        /// <param name="payload">The payload, which may be empty.</param>
        /// <param name="record">Where to add the record; not over the payload.</param>
        /// <exception cref="ArgumentNullException">The session or the buffer is null.</exception>
        public static void Encrypt(
            this Session<byte[], byte[]> session, ReadOnlySpan<byte> payload, IBufferWriter<byte> record)
        {
            Require(record, nameof(record));
            ISpanPartition partition = PartitionOf(session);
            if (partition == null)
            {
                record.Write(ViaArray(session.Encrypt, payload));
                return;
            }

            Span<byte> room = record.GetSpan(partition.MaxRecordSize(payload.Length));
            if (!partition.TryEncrypt(payload, room, out int written))
            {
                throw new InvalidOperationException("The buffer gives less room than it is asked for.");
            }

            record.Advance(written);
        }

        /// <summary>Decrypts a data row record and adds the payload to a buffer, for example a
        /// <see cref="PooledBuffer"/>. If it fails, the buffer has no plaintext.</summary>
        /// <param name="session">The session.</param>
        /// <param name="record">The record.</param>
        /// <param name="payload">Where to add the payload; not over the record.</param>
        /// <exception cref="ArgumentNullException">The session or the buffer is null.</exception>
        public static void Decrypt(
            this Session<byte[], byte[]> session, ReadOnlySpan<byte> record, IBufferWriter<byte> payload)
        {
            Require(payload, nameof(payload));
            ISpanPartition partition = PartitionOf(session);
            if (partition == null)
            {
                byte[] plaintext = session.Decrypt(record.ToArray());
                payload.Write(plaintext);
                Memory.Wipe(plaintext);
                return;
            }

            // Nothing is known of what is clearly no record: the library says what is wrong with it.
            Span<byte> room = payload.GetSpan(partition.MaxPayloadSize(record) + DecryptionRoom);
            if (!partition.TryDecrypt(record, room, out int written))
            {
                throw new InvalidOperationException("The buffer gives less room than it is asked for.");
            }

            payload.Advance(written);
        }

        /// <summary>Encrypts a payload into the caller's memory.</summary>
        /// <param name="session">The session.</param>
        /// <param name="payload">The payload, which may be empty.</param>
        /// <param name="record">Where the record goes; not over the payload. See
        /// <see cref="GetMaxRecordSize"/>.</param>
        /// <param name="bytesWritten">Bytes of the record; 0 if it returns false.</param>
        /// <returns>False if the record has no room there.</returns>
        /// <exception cref="ArgumentNullException">The session is null.</exception>
        public static bool TryEncrypt(
            this Session<byte[], byte[]> session, ReadOnlySpan<byte> payload, Span<byte> record, out int bytesWritten)
        {
            ISpanPartition partition = PartitionOf(session);
            return partition != null
                ? partition.TryEncrypt(payload, record, out bytesWritten)
                : TryCopy(ViaArray(session.Encrypt, payload), record, out bytesWritten);
        }

        /// <summary>Decrypts a data row record into the caller's memory. If it fails, no plaintext is there.</summary>
        /// <param name="session">The session.</param>
        /// <param name="record">The record.</param>
        /// <param name="payload">Where the payload goes; not over the record. What is behind it may be overwritten. See
        /// <see cref="GetMaxPayloadSize"/>.</param>
        /// <param name="bytesWritten">Bytes of the payload; 0 if it returns false.</param>
        /// <returns>False if the payload has no room there.</returns>
        /// <exception cref="ArgumentNullException">The session is null.</exception>
        public static bool TryDecrypt(
            this Session<byte[], byte[]> session, ReadOnlySpan<byte> record, Span<byte> payload, out int bytesWritten)
        {
            ISpanPartition partition = PartitionOf(session);
            if (partition != null)
            {
                return partition.TryDecrypt(record, payload, out bytesWritten);
            }

            byte[] plaintext = session.Decrypt(record.ToArray());
            bool fits = TryCopy(plaintext, payload, out bytesWritten);
            Memory.Wipe(plaintext);
            return fits;
        }

        /// <summary>Returns how long the record of a payload is at most. Asks nobody.</summary>
        /// <param name="session">A session on the native library.</param>
        /// <param name="payloadSize">Bytes of the payload.</param>
        /// <returns>A number of bytes, a few more than it will be.</returns>
        /// <exception cref="ArgumentException">The size is negative, or its record would not fit into an
        /// array.</exception>
        /// <exception cref="ArgumentNullException">The session is null.</exception>
        /// <exception cref="NotSupportedException">The session is not on the native library.</exception>
        public static int GetMaxRecordSize(this Session<byte[], byte[]> session, int payloadSize)
        {
            ISpanPartition partition = PartitionOf(session) ?? throw new NotSupportedException(
                "Only sessions on the native library know how long their records are.");
            return payloadSize >= 0
                ? partition.MaxRecordSize(payloadSize)
                : throw new ArgumentOutOfRangeException(nameof(payloadSize), payloadSize, "It is negative.");
        }

        /// <summary>Returns how long the payload of a record is at most. Looks at the text only.</summary>
        /// <param name="session">The session.</param>
        /// <param name="record">The record.</param>
        /// <returns>A number of bytes: exact for records as this library writes them; 0 if it is clearly no
        /// record.</returns>
        /// <exception cref="ArgumentNullException">The session is null.</exception>
        public static int GetMaxPayloadSize(this Session<byte[], byte[]> session, ReadOnlySpan<byte> record)
        {
            return PartitionOf(session)?.MaxPayloadSize(record) ?? record.Length;
        }

        /// <summary>Encrypts many payloads, in few calls of the native library.</summary>
        /// <param name="session">The session.</param>
        /// <param name="payloads">The payloads.</param>
        /// <returns>As many results, in this order, each with its record or its own failure.</returns>
        /// <exception cref="ArgumentNullException">The session or the list is null.</exception>
        public static BatchResult[] EncryptBatch(
            this Session<byte[], byte[]> session, IReadOnlyList<byte[]> payloads)
        {
            Require(payloads, nameof(payloads));
            return Batch(PartitionOf(session), false, payloads, session.Encrypt);
        }

        /// <summary>Decrypts many records, in few calls of the native library.</summary>
        /// <param name="session">The session.</param>
        /// <param name="records">The records.</param>
        /// <returns>As many results, in this order, each with its payload or its own failure.</returns>
        /// <exception cref="ArgumentNullException">The session or the list is null.</exception>
        public static BatchResult[] DecryptBatch(
            this Session<byte[], byte[]> session, IReadOnlyList<byte[]> records)
        {
            Require(records, nameof(records));
            return Batch(PartitionOf(session), true, records, session.Decrypt);
        }

        private static BatchResult[] Batch(
            ISpanPartition partition, bool decrypt, IReadOnlyList<byte[]> inputs, Func<byte[], byte[]> single)
        {
            var results = new BatchResult[inputs.Count];
            for (int start = 0; start < results.Length; start += BatchSize)
            {
                var values = new byte[Math.Min(BatchSize, results.Length - start)][];
                partition?.RunBatch(decrypt, inputs, start, new ArraySegment<byte[]>(values));
                for (int i = 0; i < values.Length; i++)
                {
                    // What failed is tried alone: a batch has words for its first failure only.
                    results[start + i] = values[i] != null
                        ? new BatchResult(values[i])
                        : Single(single, inputs[start + i]);
                }
            }

            return results;
        }

        private static BatchResult Single(Func<byte[], byte[]> call, byte[] input)
        {
            try
            {
                return new BatchResult(call(input));
            }
            catch (Exception e)
            {
                return new BatchResult(e);
            }
        }

        private static ISpanPartition PartitionOf(Session<byte[], byte[]> session)
        {
            Require(session, nameof(session));
            return (session as BytesSession)?.Core as ISpanPartition;
        }

        private static byte[] ViaArray(Func<byte[], byte[]> call, ReadOnlySpan<byte> payload)
        {
            byte[] copy = payload.ToArray();
            try
            {
                return call(copy);
            }
            finally
            {
                Memory.Wipe(copy);
            }
        }

        private static bool TryCopy(byte[] result, Span<byte> target, out int written)
        {
            bool fits = result.AsSpan().TryCopyTo(target);
            written = fits ? result.Length : 0;
            return fits;
        }

        private static void Require(object argument, string name)
        {
            if (argument == null)
            {
                throw new ArgumentNullException(name);
            }
        }
    }
}
