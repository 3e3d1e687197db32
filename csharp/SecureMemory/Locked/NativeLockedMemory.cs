using System;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.SecureMemory.Locked
{
    /// <summary>The locked memory of the native library.</summary>
    internal sealed unsafe class NativeLockedMemory : LockedMemory
    {
        internal static readonly NativeLockedMemory Instance = new NativeLockedMemory();

        private NativeLockedMemory()
        {
        }

        /// <summary>Returns the exception for a status of the library and its message.</summary>
        internal static Exception FromStatus(int status, string message)
        {
            if (string.IsNullOrEmpty(message))
            {
                message = "The native library answered with status " + status + ".";
            }

            return status == Status.LockedMemory
                ? new MemoryLimitException(message)
                : (Exception)new SecureMemoryAllocationFailedException(message);
        }

        protected override SafeHandle AllocateChecked(int length, out byte* data)
        {
            byte* address = null;
            SafeSecretHandle handle = Native.asherah_secret_new((UIntPtr)(uint)length, &address);
            if (handle.IsInvalid)
            {
                handle.Dispose();
                throw FromStatus(
                    Native.asherah_last_error_code(), Utf8.FromNative(Native.asherah_last_error_message()));
            }

            data = address;
            return handle;
        }
    }
}
