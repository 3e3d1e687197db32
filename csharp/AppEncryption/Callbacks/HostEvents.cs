using System;
#if NET8_0_OR_GREATER
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
#endif
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Callbacks
{
    /// <summary>Hands what happens to the keys of a factory of the library to its observer.</summary>
    internal static unsafe class HostEvents
    {
#if !NET8_0_OR_GREATER
        private static readonly HostFunctions.Event EventFunction = Event;
        private static readonly HostFunctions.Release ReleaseFunction = Release;
#endif

        /// <summary>Has a factory, which can have one observer, tell it from now on.</summary>
        internal static void Observe(SafeFactoryHandle factory, FactoryObserver observer)
        {
            var functions = new Native.AsherahEventCallbacks
            {
                Size = (UIntPtr)sizeof(Native.AsherahEventCallbacks),
                Version = Native.CallbacksVersion,
                UserData = HostReference.New(observer),
#if NET8_0_OR_GREATER
                Event = (IntPtr)(delegate* unmanaged[Cdecl]<void*, Native.AsherahEvent*, void>)&Event,
                Release = (IntPtr)(delegate* unmanaged[Cdecl]<void*, void>)&Release,
#else
                Event = HostFunctions.ToNative(EventFunction),
                Release = HostFunctions.ToNative(ReleaseFunction),
#endif
            };
            int status = Native.asherah_factory_observe(factory, &functions);
            if (status != Status.Ok)
            {
                HostReference.Free(functions.UserData);
                throw NativeError.FromStatus(status);
            }
        }

        // A logger or a registry of metrics that throws is no reason for encryption to fail.
#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static void Event(void* userData, Native.AsherahEvent* happened)
        {
            try
            {
                HostReference.Target<FactoryObserver>(userData).Tell(happened);
            }
            catch (Exception)
            {
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static void Release(void* userData)
        {
            HostReference.Free(userData);
        }
    }
}
