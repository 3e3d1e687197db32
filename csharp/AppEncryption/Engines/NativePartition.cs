using System;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using GoDaddy.Asherah.PlatformNative.Interop;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// A session of the native library, bytes in and bytes out: one crossing a call, into an array of the exact size of
    /// the result.
    /// </summary>
    /// <remarks>
    /// A record is a head and a tail, which depend on the partition's key only, and the payload's base64 between them.
    /// So the size of one record tells that of the next, and of a plaintext. When a guess is wrong, as after a record
    /// that another writer has laid out differently, the library says which size it needs.
    /// </remarks>
    internal sealed unsafe partial class NativePartition : IPartitionCore
    {
        // Tag and nonce of a sealed payload.
        private const int SealOverhead = 28;

        // Array.MaxLength, which .NET Standard does not have.
        private const long MaxArrayLength = 0x7FFFFFC7;

        private readonly SafeSessionHandle handle;
        private readonly INativeKms kms;
        private readonly bool callsHost;

        // Size of a record without the base64 of its payload, of those written and of those read; 0 until known. What
        // was too small once is not tried again. Threads may overwrite each other's values.
        private int frame;
        private int leastFrame;
        private int frameRead;

        /// <summary>Takes a session over.</summary>
        /// <param name="handle">The session.</param>
        /// <param name="kms">The factory's key management service where it is one of the library's, else null.</param>
        /// <param name="callsHost">True if calls may run code of the application: its metastore, key management service
        /// or policy.</param>
        internal NativePartition(SafeSessionHandle handle, INativeKms kms, bool callsHost)
        {
            this.handle = handle;
            this.kms = kms;
            this.callsHost = callsHost;
        }

        public byte[] EncryptBytes(byte[] payload)
        {
            return Encrypt(payload, 0);
        }

        public byte[] DecryptBytes(byte[] record)
        {
            return Decrypt(record, 0);
        }

        public JObject EncryptJson(byte[] payload)
        {
            return JsonText.Parse(Encrypt(payload, 0));
        }

        public byte[] DecryptJson(JObject record)
        {
            return Decrypt(JsonText.ToBytes(record, "jObject"), 0);
        }

        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>Encrypts. With <see cref="Native.OnlyIfCached"/> returns null when that would block.</summary>
        internal byte[] Encrypt(byte[] payload, uint flags)
        {
            ThrowIfDisposed();
            int known = frame != 0 ? frame : LearnFrame();
            long size = known + Base64Length(payload.Length);
            while (true)
            {
                byte[] record = Memory.NewArray(ArrayLength(size, nameof(payload)));
                int status = EncryptInto(payload, record, flags, out UIntPtr written);
                if (status == Status.Ok)
                {
                    if ((int)written == record.Length)
                    {
                        return record;
                    }

                    frame = Math.Max(leastFrame, (int)((long)written - Base64Length(payload.Length)));
                    Array.Resize(ref record, (int)written);
                    return record;
                }

                if (status == Status.WouldBlock)
                {
                    return null;
                }

                if (status != Status.BufferTooSmall || (long)written <= size)
                {
                    throw Failure(status);
                }

                size = (long)written;
                leastFrame = (int)(size - Base64Length(payload.Length));
                frame = leastFrame;
            }
        }

        /// <summary>Decrypts. With <see cref="Native.OnlyIfCached"/> returns null when that would block.</summary>
        internal byte[] Decrypt(byte[] record, uint flags)
        {
            ThrowIfDisposed();
            long size = GuessPlaintextSize(record);
            while (true)
            {
                byte[] payload = Memory.NewArray(ArrayLength(size, nameof(record)));
                int status = DecryptInto(record, payload, flags, out UIntPtr written);
                if (status == Status.Ok)
                {
                    frameRead = (int)(record.Length - Base64Length((long)written));
                    return (int)written == payload.Length ? payload : Trim(payload, (int)written);
                }

                if (status == Status.WouldBlock)
                {
                    return null;
                }

                if (status != Status.BufferTooSmall || (long)written <= size)
                {
                    throw MalformedRecord.Explain(record, status, Failure(status));
                }

                size = (long)written;
            }
        }

        // The library takes no null pointers, which pinned spans without bytes are.
        private int EncryptInto(ReadOnlySpan<byte> payload, Span<byte> record, uint flags, out UIntPtr written)
        {
            byte unused = 0;
            fixed (UIntPtr* size = &written)
            fixed (byte* input = payload)
            fixed (byte* output = record)
            {
                return Native.asherah_encrypt_into(
                    handle,
                    input == null ? &unused : input,
                    (UIntPtr)payload.Length,
                    output == null ? &unused : output,
                    (UIntPtr)record.Length,
                    size,
                    flags);
            }
        }

        private int DecryptInto(ReadOnlySpan<byte> record, Span<byte> payload, uint flags, out UIntPtr written)
        {
            byte unused = 0;
            fixed (UIntPtr* size = &written)
            fixed (byte* input = record)
            fixed (byte* output = payload)
            {
                return Native.asherah_decrypt_into(
                    handle,
                    input == null ? &unused : input,
                    (UIntPtr)record.Length,
                    output == null ? &unused : output,
                    (UIntPtr)payload.Length,
                    size,
                    flags);
            }
        }

        private static long Base64Length(long payloadLength)
        {
            return (payloadLength + SealOverhead + 2) / 3 * 4;
        }

        private static int ArrayLength(long size, string paramName)
        {
            if (size > MaxArrayLength)
            {
                throw new ArgumentException("The result would not fit into an array.", paramName);
            }

            return (int)size;
        }

        private static byte[] Trim(byte[] payload, int length)
        {
            byte[] exact = Memory.NewArray(length);
            Buffer.BlockCopy(payload, 0, exact, 0, length);
            Memory.Wipe(payload);
            return exact;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private Exception Failure(int status)
        {
            Exception error = NativeError.FromStatus(status);
            return kms == null ? error : kms.Explain(status, error);
        }

        private int LearnFrame()
        {
            long bound = (long)Native.asherah_encrypted_size(handle, UIntPtr.Zero);
            if (bound == 0)
            {
                throw NativeError.FromStatus(Status.ClosedHandle, "The session is closed.");
            }

            frame = (int)(bound - Base64Length(0));
            return frame;
        }

        // The base64 text lies between the frame's head and its tail, "}, and ends with at most two =.
        private long GuessPlaintextSize(byte[] record)
        {
            int length = record.Length;
            int text = length - frameRead;
            if (frameRead != 0 && text >= 40 && text % 4 == 0 && record[length - 1] == '}' && record[length - 2] == '"')
            {
                int padding = record[length - 4] == '=' ? 2 : record[length - 3] == '=' ? 1 : 0;
                return (text / 4 * 3) - padding - SealOverhead;
            }

            fixed (byte* input = record)
            {
                return (long)Native.asherah_decrypted_size(input, (UIntPtr)length);
            }
        }

        private void ThrowIfDisposed()
        {
            if (handle.IsClosed)
            {
                ThrowDisposed();
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void ThrowDisposed()
        {
            throw new ObjectDisposedException("Session", "The session is closed.");
        }
    }
}
