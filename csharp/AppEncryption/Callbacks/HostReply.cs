using System;
using System.Text;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Callbacks
{
    /// <summary>Texts that callbacks are given, and what they answer with.</summary>
    internal static unsafe class HostReply
    {
        /// <summary>Reads bytes[0..length), which the library guarantees to be UTF-8.</summary>
        internal static string Text(byte* bytes, UIntPtr length)
        {
            return length == UIntPtr.Zero ? string.Empty : Encoding.UTF8.GetString(bytes, (int)length);
        }

        /// <summary>Copies bytes[0..length) to an array.</summary>
        internal static byte[] Bytes(byte* bytes, UIntPtr length)
        {
            byte[] copy = Memory.NewArray((int)length);
            fixed (byte* start = copy)
            {
                Buffer.MemoryCopy(bytes, start, copy.Length, copy.Length);
            }

            return copy;
        }

        /// <summary>Answers with a text.</summary>
        internal static void Put(Native.AsherahReply* reply, string text)
        {
            int size = Utf8.GetByteCount(text, 0, text.Length, null);
            if (size != 0)
            {
                Utf8.GetBytes(text, 0, text.Length, Allocate(reply, size), size);
            }
        }

        /// <summary>Answers with bytes, which are copied to the library's memory and nowhere else.</summary>
        internal static void Put(Native.AsherahReply* reply, byte[] bytes)
        {
            fixed (byte* start = bytes)
            {
                if (start != null)
                {
                    Buffer.MemoryCopy(start, Allocate(reply, bytes.Length), bytes.Length, bytes.Length);
                }
            }
        }

        /// <summary>Keeps an exception and returns the status to answer with. The library logs the words that go with
        /// it: they name the method and the exception's type, not its message, which may hold anything.</summary>
        internal static int Fail(Native.AsherahReply* reply, string method, Exception exception)
        {
            int status = HostExceptions.Keep(exception);
            Exception cause = exception;
            while (cause.InnerException != null && cause is Crypto.Exceptions.AppEncryptionException)
            {
                cause = cause.InnerException;
            }

            byte[] message = Encoding.UTF8.GetBytes(method + " threw " + cause.GetType().FullName + ".");
            fixed (byte* text = message)
            {
                SetMessage(reply, text, message.Length);
            }

            return status;
        }

        private static byte* Allocate(Native.AsherahReply* reply, int length)
        {
#if NET8_0_OR_GREATER
            byte* place = ((delegate* unmanaged[Cdecl]<Native.AsherahReply*, UIntPtr, byte*>)reply->Allocate)(
                reply, (UIntPtr)length);
#else
            byte* place = HostFunctions.FromNative<HostFunctions.Allocate>(reply->Allocate)(reply, (UIntPtr)length);
#endif
            return place != null
                ? place
                : throw new OutOfMemoryException("There is no memory for an answer of " + length + " bytes.");
        }

        private static void SetMessage(Native.AsherahReply* reply, byte* text, int length)
        {
#if NET8_0_OR_GREATER
            ((delegate* unmanaged[Cdecl]<Native.AsherahReply*, byte*, UIntPtr, void>)reply->SetMessage)(
                reply, text, (UIntPtr)length);
#else
            HostFunctions.FromNative<HostFunctions.SetMessage>(reply->SetMessage)(reply, text, (UIntPtr)length);
#endif
        }
    }
}
