using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <content>Memory of the caller, and batches.</content>
    internal sealed unsafe partial class NativePartition : ISpanPartition
    {
        public int MaxRecordSize(int payloadSize)
        {
            ThrowIfDisposed();
            long size = (long)Native.asherah_encrypted_size(handle, (UIntPtr)payloadSize);
            return size != 0
                ? ArrayLength(size, nameof(payloadSize))
                : throw new ArgumentException("The payload is too large.", nameof(payloadSize));
        }

        public int MaxPayloadSize(ReadOnlySpan<byte> record)
        {
            fixed (byte* input = record)
            {
                return (int)Native.asherah_decrypted_size(input, (UIntPtr)record.Length);
            }
        }

        public bool TryEncrypt(ReadOnlySpan<byte> payload, Span<byte> record, out int written)
        {
            ThrowIfDisposed();
            int status = EncryptInto(payload, record, 0, out UIntPtr size);
            written = status == Status.Ok ? (int)size : 0;
            return status == Status.Ok || status == Status.BufferTooSmall
                ? status == Status.Ok
                : throw Failure(status);
        }

        public bool TryDecrypt(ReadOnlySpan<byte> record, Span<byte> payload, out int written)
        {
            ThrowIfDisposed();
            int status = DecryptInto(record, payload, 0, out UIntPtr size);
            written = status == Status.Ok ? (int)size : 0;
            return status == Status.Ok || status == Status.BufferTooSmall
                ? status == Status.Ok
                : throw MalformedRecord.Explain(record.ToArray(), status, Failure(status));
        }

        public void RunBatch(bool decrypt, IReadOnlyList<byte[]> inputs, int start, ArraySegment<byte[]> results)
        {
            ThrowIfDisposed();
            int count = results.Count;
            var pins = new GCHandle[count];
            var slices = new Native.AsherahSlice[count];
            var answers = new Native.AsherahResult[count];
            byte unused = 0;
            try
            {
                for (int i = 0; i < count; i++)
                {
                    byte[] input = inputs[start + i];
                    slices[i].Data = &unused;
                    if (input?.Length > 0)
                    {
                        pins[i] = GCHandle.Alloc(input, GCHandleType.Pinned);
                        slices[i].Data = (byte*)pins[i].AddrOfPinnedObject();
                        slices[i].Len = (UIntPtr)input.Length;
                    }
                }

                fixed (Native.AsherahSlice* first = slices)
                fixed (Native.AsherahResult* answer = answers)
                {
                    // The status is that of the first that failed; what was not even tried has status 0 and no data.
                    if (decrypt)
                    {
                        Native.asherah_decrypt_batch(handle, first, (UIntPtr)count, answer, 0);
                    }
                    else
                    {
                        Native.asherah_encrypt_batch(handle, first, (UIntPtr)count, answer, 0);
                    }

                    Take(answer, inputs, start, results);
                }
            }
            finally
            {
                foreach (GCHandle pin in pins)
                {
                    if (pin.IsAllocated)
                    {
                        pin.Free();
                    }
                }
            }
        }

        // Copies and frees the answers, and frees the rest of them when there is no memory for a copy.
        private static void Take(
            Native.AsherahResult* answers, IReadOnlyList<byte[]> inputs, int start, ArraySegment<byte[]> results)
        {
            int i = 0;
            try
            {
                for (; i < results.Count; i++)
                {
                    Native.AsherahBuffer buffer = answers[i].Buffer;
                    if (answers[i].Status == Status.Ok && buffer.Data != null && inputs[start + i] != null)
                    {
                        byte[] copy = Memory.NewArray(checked((int)buffer.Len));
                        fixed (byte* target = copy)
                        {
                            Buffer.MemoryCopy(buffer.Data, target, copy.Length, copy.Length);
                        }

                        results.Array[results.Offset + i] = copy;
                    }

                    Native.asherah_buffer_free(&answers[i].Buffer);
                }
            }
            finally
            {
                for (; i < results.Count; i++)
                {
                    Native.asherah_buffer_free(&answers[i].Buffer);
                }
            }
        }
    }
}
