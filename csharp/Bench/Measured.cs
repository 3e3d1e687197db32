using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;

namespace GoDaddy.Asherah.Bench
{
    /// <summary>A call that is measured.</summary>
    internal sealed class Measured
    {
        private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(100);

        private readonly Action call;

        /// <summary>Warms a call up, for long enough that the runtime has compiled its path for good.</summary>
        internal Measured(Action call)
        {
            this.call = call;
            long start = Stopwatch.GetTimestamp();
            int count = 0;
            while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(400) || count < 200)
            {
                call();
                count++;
            }

            double each = Stopwatch.GetElapsedTime(start).TotalMilliseconds / count;
            PerRound = Math.Max(20, (int)(RoundTime.TotalMilliseconds / each));
        }

        /// <summary>Gets how many calls take a round's time.</summary>
        internal int PerRound { get; }

        /// <summary>Returns nanoseconds per call, of so many calls, on a thread for each of those that run at
        /// once.</summary>
        internal static double Nanoseconds(int count, params Measured[] calls)
        {
            using var begin = new Barrier(calls.Length);
            double[] elapsed = new double[calls.Length];
            Thread[] threads = calls.Select((measured, i) => new Thread(() =>
            {
                Action call = measured.call;
                begin.SignalAndWait();
                long start = Stopwatch.GetTimestamp();
                for (int n = 0; n < count; n++)
                {
                    call();
                }

                elapsed[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            })).ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            return elapsed.Average() / count;
        }

        /// <summary>Returns bytes allocated per call.</summary>
        internal double Allocated()
        {
            const int Calls = 100;
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Calls; i++)
            {
                call();
            }

            return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Calls;
        }
    }
}
