using System;
#if NET8_0_OR_GREATER
using System.Runtime.CompilerServices;
#endif
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// An asynchronous call under way in the library, which keeps no thread of this runtime busy. Nobody cancels it:
    /// who no longer waits for the task leaves nothing behind.
    /// </summary>
    internal sealed class NativeCall : TaskCompletionSource<byte[]>
    {
        // Milliseconds until the next try where too many calls are waiting already.
        private const int FirstPause = 1;
        private const int LongestPause = 20;

#if !NET8_0_OR_GREATER
        private static readonly unsafe Result CompletedFunction = Completed;
#endif

        private readonly INativeKms kms;
        private readonly byte[] record;

        // The record is that to decrypt, or null.
        private NativeCall(INativeKms kms, byte[] record)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            this.kms = kms;
            this.record = record;
        }

#if !NET8_0_OR_GREATER
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private unsafe delegate void Result(void* userData, int status, byte* data, UIntPtr length, byte* message);
#endif

        /// <summary>Starts an encryption. Every failure is in the task. The payload is read before the task is
        /// complete.</summary>
        internal static Task<byte[]> Encrypt(SafeSessionHandle session, INativeKms kms, byte[] payload)
        {
            return Run(session, kms, payload, decrypt: false);
        }

        /// <summary>Starts a decryption, as <see cref="Encrypt"/>.</summary>
        internal static Task<byte[]> Decrypt(SafeSessionHandle session, INativeKms kms, byte[] record)
        {
            return Run(session, kms, record, decrypt: true);
        }

        private static async Task<byte[]> Run(
            SafeSessionHandle session, INativeKms kms, byte[] input, bool decrypt)
        {
            int pause = FirstPause;
            while (true)
            {
                var call = new NativeCall(kms, decrypt ? input : null);
                int status = call.Start(session, input);
                if (status == Status.Ok)
                {
                    return await call.Task.ConfigureAwait(false);
                }

                if (status != Status.QueueFull)
                {
                    throw NativeError.FromStatus(status);
                }

                await System.Threading.Tasks.Task.Delay(pause).ConfigureAwait(false);
                pause = Math.Min(2 * pause, LongestPause);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static unsafe void Completed(void* userData, int status, byte* data, UIntPtr length, byte* message)
        {
            GCHandle self = GCHandle.FromIntPtr((IntPtr)userData);
            var call = (NativeCall)self.Target;
            self.Free();
            try
            {
                if (status == Status.Ok)
                {
                    byte[] result = Memory.NewArray(checked((int)length));
                    fixed (byte* start = result)
                    {
                        Buffer.MemoryCopy(data, start, result.Length, result.Length);
                    }

                    call.TrySetResult(result);
                    return;
                }

                Exception error = NativeError.FromStatus(status, Utf8.FromNative(message));
                error = call.kms == null ? error : call.kms.Explain(status, error);
                call.TrySetException(
                    call.record == null ? error : MalformedRecord.Explain(call.record, status, error));
            }
            catch (Exception e)
            {
                call.TrySetException(e);
            }
        }

        private unsafe int Start(SafeSessionHandle session, byte[] input)
        {
            GCHandle self = GCHandle.Alloc(this);
            bool started = false;
            byte unused = 0;
            try
            {
#if NET8_0_OR_GREATER
                var completed = (IntPtr)(delegate* unmanaged[Cdecl]<void*, int, byte*, UIntPtr, byte*, void>)&Completed;
#else
                IntPtr completed = Marshal.GetFunctionPointerForDelegate(CompletedFunction);
#endif
                var userData = (void*)GCHandle.ToIntPtr(self);
                int status;
                fixed (byte* bytes = input)
                {
                    byte* start = bytes == null ? &unused : bytes;
                    var length = (UIntPtr)input.Length;
                    status = record == null
                        ? Native.asherah_encrypt_start(session, start, length, completed, userData, null)
                        : Native.asherah_decrypt_start(session, start, length, completed, userData, null);
                }

                started = status == Status.Ok;
                return status;
            }
            finally
            {
                if (!started || !Guard.Holds(Guarded.CallUnderWay))
                {
                    self.Free();
                }
            }
        }
    }
}
