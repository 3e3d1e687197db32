#if !NET8_0_OR_GREATER
using System;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Callbacks
{
    /// <summary>
    /// The types of the functions in the tables of include/asherah.h, where there are no function pointers. Whoever
    /// puts one into a table keeps the delegate in a static field.
    /// </summary>
    internal static unsafe class HostFunctions
    {
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate byte* Allocate(Native.AsherahReply* reply, UIntPtr length);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate void SetMessage(Native.AsherahReply* reply, byte* message, UIntPtr length);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int Load(
            void* userData, byte* id, UIntPtr idLength, long created, Native.AsherahReply* reply);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int LoadLatest(void* userData, byte* id, UIntPtr idLength, Native.AsherahReply* reply);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int Store(
            void* userData,
            byte* id,
            UIntPtr idLength,
            long created,
            byte* record,
            UIntPtr recordLength,
            Native.AsherahReply* reply);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int KeySuffix(void* userData, Native.AsherahReply* reply);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int Wrap(
            void* userData, byte* bytes, UIntPtr length, long created, int revoked, Native.AsherahReply* reply);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int Truth(void* userData);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate int TruthAt(void* userData, long created);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate long Number(void* userData);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate long NumberAt(void* userData, long created);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate void Event(void* userData, Native.AsherahEvent* happened);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate void Release(void* userData);

        /// <summary>Returns a function of the library.</summary>
        internal static T FromNative<T>(IntPtr function)
            where T : Delegate
        {
            return Marshal.GetDelegateForFunctionPointer<T>(function);
        }

        /// <summary>Returns the address of a function for a table.</summary>
        internal static IntPtr ToNative<T>(T function)
            where T : Delegate
        {
            return Marshal.GetFunctionPointerForDelegate(function);
        }
    }
}
#endif
