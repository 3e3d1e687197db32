// Prints what Encrypt and Decrypt of a session for bytes cost: nanoseconds per call (median of rounds, and their
// spread), bytes allocated per call beyond the result, and how much more two threads do than one.
using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using GoDaddy.Asherah.AppEncryption;

namespace GoDaddy.Asherah.Bench
{
    internal static class Program
    {
        private const int Rounds = 7;
        private static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(150);

        private static int Main()
        {
            using SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService("0123456789abcdef0123456789abcdef")
                .Build();
            Console.WriteLine(
                $"{"bytes",9} {"call",-8} {"ns/call",12} {"min",12} {"max",12} {"B over result",14} {"2 threads",10} " +
                $"{"one session",12}");
            foreach (int size in new[] { 64, 1024, 64 * 1024, 1024 * 1024 })
            {
                using Session<byte[], byte[]> first = factory.GetSessionBytes("partition");
                using Session<byte[], byte[]> second = factory.GetSessionBytes("partition");
                byte[] payload = new byte[size];
                new Random(size).NextBytes(payload);
                byte[] record = first.Encrypt(payload);
                Report(size, "encrypt", record.Length, () => first.Encrypt(payload), () => second.Encrypt(payload));
                Report(size, "decrypt", size, () => first.Decrypt(record), () => second.Decrypt(record));
            }

            return 0;
        }

        private static void Report(int size, string name, int result, Func<byte[]> call, Func<byte[]> other)
        {
            int count = Calibrate(call);
            Time(count, other);
            double[] one = new double[Rounds];
            double[] two = new double[Rounds];
            double[] shared = new double[Rounds];
            for (int i = 0; i < Rounds; i++)
            {
                one[i] = Time(count, call);
                two[i] = Time(count, call, other);
                shared[i] = Time(count, call, call);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                GC.KeepAlive(call());
            }

            // The result as an array: header and length, rounded up to eight bytes.
            double extra = ((GC.GetAllocatedBytesForCurrentThread() - allocated) / 100.0) - ((result + 24 + 7) & ~7);
            double median = Median(one);
            Console.WriteLine(
                $"{size,9} {name,-8} {median,12:F0} {one.Min(),12:F0} {one.Max(),12:F0} {extra,14:F1} " +
                $"{2 * median / Median(two),9:F2}x {2 * median / Median(shared),11:F2}x");
        }

        private static int Calibrate(Func<byte[]> call)
        {
            // Long enough for the runtime to have compiled the path for good.
            long start = Stopwatch.GetTimestamp();
            int count = 0;
            while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(400) || count < 200)
            {
                GC.KeepAlive(call());
                count++;
            }

            double each = Stopwatch.GetElapsedTime(start).TotalMilliseconds / count;
            return Math.Max(20, (int)(RoundTime.TotalMilliseconds / each));
        }

        // Nanoseconds per call of one thread, when all the calls given run at once.
        private static double Time(int count, params Func<byte[]>[] calls)
        {
            using var begin = new Barrier(calls.Length);
            double[] elapsed = new double[calls.Length];
            Thread[] threads = calls.Select((call, i) => new Thread(() =>
            {
                begin.SignalAndWait();
                long start = Stopwatch.GetTimestamp();
                for (int n = 0; n < count; n++)
                {
                    GC.KeepAlive(call());
                }

                elapsed[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            })).ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            return elapsed.Average() / count;
        }

        private static double Median(double[] values)
        {
            double[] sorted = values.OrderBy(value => value).ToArray();
            return sorted[sorted.Length / 2];
        }
    }
}
