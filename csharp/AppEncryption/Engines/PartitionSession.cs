using System;
using System.Threading;
using System.Threading.Tasks;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>A session on an engine, and what its forms share.</summary>
    /// <typeparam name="TP">The payload.</typeparam>
    /// <typeparam name="TD">The record.</typeparam>
    internal abstract class PartitionSession<TP, TD> : Session<TP, TD>
    {
        private IDisposable use;

        protected PartitionSession(PartitionUse partition)
        {
            Core = partition.Core;
            use = partition.Use;
        }

        /// <summary>Gets the engine's partition. It goes on working when the session is disposed if it is
        /// cached.</summary>
        internal IPartitionCore Core { get; }

        public sealed override void Dispose()
        {
            // A partition that is shared counts its users: this one leaves once.
            Interlocked.Exchange(ref use, Guard.Holds(Guarded.LeaveOnce) ? null : use)?.Dispose();
        }

        /// <summary>Refuses a null payload with the exception of canonical Asherah.</summary>
        protected static byte[] RequirePayload(byte[] payload)
        {
            return payload ?? throw new AppEncryptionException(
                "There is no payload to encrypt: it is null.", new NullReferenceException("payload"));
        }

        /// <summary>Refuses a null record with the exception of canonical Asherah.</summary>
        protected static byte[] RequireRecord(byte[] record)
        {
            return record ?? throw new ArgumentNullException("buffer");
        }

        /// <summary>Refuses null with the exception of canonical Asherah.</summary>
        protected static JObject RequireObject(JObject value)
        {
            return value ?? throw new ArgumentException("jObject is null");
        }

        /// <summary>Encrypts an object by way of its text, which is wiped.</summary>
        protected static TD EncryptText(JObject payload, Func<byte[], TD> encrypt)
        {
            byte[] text = JsonText.ToBytes(RequireObject(payload), "jObject");
            try
            {
                return encrypt(text);
            }
            finally
            {
                Memory.Wipe(text);
            }
        }

        /// <summary>As <see cref="EncryptText"/>; every failure is in the task.</summary>
        protected static Task<TD> EncryptTextAsync(JObject payload, Func<byte[], Task<TD>> encrypt)
        {
            byte[] text;
            try
            {
                text = JsonText.ToBytes(RequireObject(payload), "jObject");
            }
            catch (Exception e)
            {
                return Task.FromException<TD>(e);
            }

            Task<TD> record = encrypt(text);
            if (!record.IsCompleted)
            {
                return WipeAfter(record, text);
            }

            Memory.Wipe(text);
            return record;
        }

        /// <summary>Reads a payload and wipes its text.</summary>
        protected static JObject ReadText(byte[] text)
        {
            try
            {
                return JsonText.Parse(text);
            }
            finally
            {
                Memory.Wipe(text);
            }
        }

        /// <summary>As <see cref="ReadText"/>; every failure is in the task.</summary>
        protected static async Task<JObject> ReadTextAsync(Task<byte[]> text)
        {
            return ReadText(await text.ConfigureAwait(false));
        }

        private static async Task<TD> WipeAfter(Task<TD> record, byte[] text)
        {
            try
            {
                return await record.ConfigureAwait(false);
            }
            finally
            {
                Memory.Wipe(text);
            }
        }
    }
}
