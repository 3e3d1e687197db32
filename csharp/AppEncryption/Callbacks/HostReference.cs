using System;
using System.Runtime.InteropServices;
using System.Threading;
using GoDaddy.Asherah.AppEncryption.Engines;

namespace GoDaddy.Asherah.AppEncryption.Callbacks
{
    /// <summary>Objects that the library refers to as user_data, from when a table is filled until its
    /// release.</summary>
    internal static unsafe class HostReference
    {
        private static int count;

        /// <summary>Gets how many there are.</summary>
        internal static int Count => Volatile.Read(ref count);

        /// <summary>Makes a reference.</summary>
        internal static void* New(object target)
        {
            GCHandleType life = Guard.Holds(Guarded.Reference) ? GCHandleType.Normal : GCHandleType.Weak;
            IntPtr reference = GCHandle.ToIntPtr(GCHandle.Alloc(target, life));
            Interlocked.Increment(ref count);
            return (void*)reference;
        }

        /// <summary>Returns what a reference stands for.</summary>
        internal static T Target<T>(void* reference)
            where T : class
        {
            return (T)GCHandle.FromIntPtr((IntPtr)reference).Target;
        }

        /// <summary>Returns what the library has made on a reference, which it releases then; if it has made nothing,
        /// ends the reference and throws why.</summary>
        internal static T Taken<T>(T handle, void* reference)
            where T : SafeHandle
        {
            if (!handle.IsInvalid)
            {
                return handle;
            }

            if (Guard.Holds(Guarded.ReferenceNotTaken))
            {
                Free(reference);
            }

            throw NativeError.FromLastError();
        }

        /// <summary>Ends a reference.</summary>
        internal static void Free(void* reference)
        {
            GCHandle.FromIntPtr((IntPtr)reference).Free();
            Interlocked.Decrement(ref count);
        }
    }
}
