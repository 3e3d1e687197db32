using System;
using System.Collections.Generic;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>A partition that works on memory of the caller, without arrays in between.</summary>
    internal interface ISpanPartition
    {
        /// <summary>Returns an upper bound for the record of a payload.</summary>
        int MaxRecordSize(int payloadSize);

        /// <summary>Returns the size of the payload in a record, or an upper bound; 0 if it is no record.</summary>
        int MaxPayloadSize(ReadOnlySpan<byte> record);

        /// <summary>Encrypts; false if there is not enough room.</summary>
        bool TryEncrypt(ReadOnlySpan<byte> payload, Span<byte> record, out int written);

        /// <summary>Decrypts; false if there is not enough room.</summary>
        bool TryDecrypt(ReadOnlySpan<byte> record, Span<byte> payload, out int written);

        /// <summary>Encrypts or decrypts inputs[0..results.Length) from an index on. What fails is left null.</summary>
        void RunBatch(bool decrypt, IReadOnlyList<byte[]> inputs, int start, ArraySegment<byte[]> results);
    }
}
