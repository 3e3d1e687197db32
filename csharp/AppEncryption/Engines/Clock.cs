using System;
#if !NET8_0_OR_GREATER
using System.Diagnostics;
#endif

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>Time that goes on evenly, whatever is done to the clock on the wall.</summary>
    internal static class Clock
    {
        /// <summary>Gives milliseconds since some moment.</summary>
#if NET8_0_OR_GREATER
        internal static readonly Func<long> Milliseconds = () => Environment.TickCount64;
#else
        internal static readonly Func<long> Milliseconds = () =>
            (long)(Stopwatch.GetTimestamp() * (1000.0 / Stopwatch.Frequency));
#endif
    }
}
