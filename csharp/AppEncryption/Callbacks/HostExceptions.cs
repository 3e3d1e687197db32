using System;
using System.Runtime.ExceptionServices;
using System.Threading;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Callbacks
{
    /// <summary>
    /// What callbacks have thrown, each under a status of its own, which the library hands through to the call that led
    /// to the callback; <see cref="NativeError"/> throws it there. Calls that waited for one load get the same one.
    /// </summary>
    internal static class HostExceptions
    {
        /// <summary>How many are kept for other threads than the one where they were thrown.</summary>
        internal const int Capacity = 1024;

        private const int Numbers = 1 << 30;

        private static readonly Kept[] Recent = new Kept[Capacity];
        private static int count;

        // The thread of the callback is nearly always the one that asks, and finds its exception however many others
        // have come meanwhile.
        [ThreadStatic]
        private static Kept own;

        /// <summary>Keeps an exception and returns the status that stands for it.</summary>
        internal static int Keep(Exception exception)
        {
            int number = Interlocked.Increment(ref count) & (Numbers - 1);
            var kept = new Kept(Native.HostStatus - 1 - number, ExceptionDispatchInfo.Capture(exception));
            own = Guard.Holds(Guarded.OwnException) ? kept : null;
            if (Guard.Holds(Guarded.KeptException))
            {
                Volatile.Write(ref Recent[number % Capacity], kept);
            }

            return kept.Status;
        }

        /// <summary>Throws the exception that a status stands for, with the stack where it was thrown first. Returns if
        /// the status stands for none, or if it is too long ago.</summary>
        internal static void Throw(int status)
        {
            if (status >= Native.HostStatus)
            {
                return;
            }

            Kept kept = own;
            own = null;
            if (kept?.Status != status)
            {
                kept = Volatile.Read(ref Recent[(Native.HostStatus - 1 - status) % Capacity]);
            }

            if (kept?.Status == status)
            {
                kept.Thrown.Throw();
            }
        }

        private sealed class Kept
        {
            internal Kept(int status, ExceptionDispatchInfo thrown)
            {
                Status = status;
                Thrown = thrown;
            }

            internal int Status { get; }

            internal ExceptionDispatchInfo Thrown { get; }
        }
    }
}
