using System.Diagnostics;
using System.Runtime.CompilerServices;
#if ASHERAH_GUARDS
using System;
#endif

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>What keeps a harm away that no test of the whole would see by itself.</summary>
    internal enum Guarded
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>What callbacks throw does not leave them.</summary>
        Callback,

        /// <summary>What callbacks throw is kept for every thread.</summary>
        KeptException,

        /// <summary>A thread finds what it threw itself, however much others have thrown.</summary>
        OwnException,

        /// <summary>Objects that only the library refers to stay alive.</summary>
        Reference,

        /// <summary>What the library has not taken is given back.</summary>
        ReferenceNotTaken,

        /// <summary>An asynchronous call is let go once, by its end.</summary>
        CallUnderWay,

        /// <summary>The array of a key on its way to the application is wiped.</summary>
        KeyWipe,

        /// <summary>A callback within a callback leaves the outer one marked as such.</summary>
        NestedCall,

        /// <summary>A cached partition is not closed while it has users.</summary>
        Users,

        /// <summary>A session leaves its partition once.</summary>
        LeaveOnce,

        /// <summary>A cached partition that was entered just before its end stays.</summary>
        SecondLook,

        /// <summary>A cached partition that is over takes none with it that has come in its place.</summary>
        OwnPlace,
    }

    /// <summary>
    /// Guards that a test build, the configuration Guards, can take away one by one, to see the harm. In any other
    /// build they hold, and all of this compiles to nothing.
    /// </summary>
    internal static class Guard
    {
#if ASHERAH_GUARDS
        /// <summary>The guard that is taken away.</summary>
        internal static volatile Guarded Removed;

        /// <summary>Is called where <see cref="Reached"/> says, for another thread that is there at the wrong
        /// moment.</summary>
        internal static Action<Guarded, object> Meeting;
#endif

        /// <summary>Says whether a guard is there.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal static bool Holds(Guarded guard)
        {
#if ASHERAH_GUARDS
            return Removed != guard;
#else
            return true;
#endif
        }

        /// <summary>Marks the place where it depends on a guard whether there is harm.</summary>
        [Conditional("ASHERAH_GUARDS")]
        internal static void Reached(Guarded guard, object what)
        {
#if ASHERAH_GUARDS
            Meeting?.Invoke(guard, what);
#endif
        }
    }
}
