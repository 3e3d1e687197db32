using System;
using System.Runtime.CompilerServices;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>The one way from a status of the library to an exception.</summary>
    internal static unsafe class NativeError
    {
        /// <summary>
        /// Returns the exception for a status. Call it on the thread of the failed call and before another call: the
        /// library keeps the message per thread.
        /// </summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static Exception FromStatus(int status)
        {
            return FromStatus(status, Utf8.FromNative(Native.asherah_last_error_message()));
        }

        /// <summary>Returns the exception for the last call of this thread, which returned no handle.</summary>
        internal static Exception FromLastError()
        {
            return FromStatus(Native.asherah_last_error_code());
        }

        /// <summary>Returns the exception for a status and its message. For a status that stands for what a callback has
        /// thrown it throws that itself, since the stack of what is returned is lost.</summary>
        internal static Exception FromStatus(int status, string message)
        {
            HostExceptions.Throw(status);
            if (string.IsNullOrEmpty(message))
            {
                message = "The native library answered with status " + status + ".";
            }

            switch (status)
            {
                case Status.InvalidArgument:
                case Status.Configuration:
                    return new ArgumentException(message);
                case Status.ClosedHandle:
                    return new ObjectDisposedException(null, message);
                case Status.PartitionMismatch:
                case Status.MetadataMissing:
                    return new MetadataMissingException(BeginWithCouldNotFind(message));
                case Status.Kms:
                    return new KmsException(message);
                case Status.TimedOut:
                    return new AppEncryptionException(message, new TimeoutException(message));
                case Status.Unsupported:
                    return new PlatformNotSupportedException(message);
                default:
                    return new AppEncryptionException(message);
            }
        }

        // Callers of canonical Asherah tell these failures by how the message begins.
        private static string BeginWithCouldNotFind(string message)
        {
            const string Start = "Could not find";
            return message.StartsWith(Start, StringComparison.Ordinal)
                ? message
                : Start + " the key of the record: " + message;
        }
    }
}
