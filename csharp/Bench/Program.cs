// Prints what Encrypt and Decrypt of a session for bytes cost beside the C functions, called through function pointers
// in the same run and in turn with them: the ratio of times (median of the rounds'), bytes allocated beyond the result,
// how much more two threads do than one; and what opening and closing a cached session costs. Targets stand beside the
// figures; a figure that misses its target is marked with an exclamation mark.
using System;
using System.Linq;
using GoDaddy.Asherah.AppEncryption;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.Bench
{
    internal static class Program
    {
        private const int Rounds = 15;
        private const double MostBytes = 120;
        private const double LeastGain = 1.85;
        private const double MostNanosecondsToOpen = 300;

        private static int Main()
        {
            using SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithCryptoPolicy(BasicExpiringCryptoPolicy.NewBuilder()
                    .WithKeyExpirationDays(90)
                    .WithRevokeCheckMinutes(60)
                    .WithCanCacheSessions(true)
                    .Build())
                .WithStaticKeyManagementService("0123456789abcdef0123456789abcdef")
                .Build();
            Console.WriteLine(
                $"{"bytes",8} {"call",-8} {"C ns",10} {"C# ns",10} {"ratio (most)",16} {"bytes (most)",16} " +
                $"{"2 threads (least)",18}");
            foreach (int size in new[] { 64, 1024, 64 * 1024, 1024 * 1024 })
            {
                Compare(factory, size);
            }

            Open(factory);
            return 0;
        }

        private static void Compare(SessionFactory factory, int size)
        {
            byte[] payload = new byte[size];
            new Random(size).NextBytes(payload);
            using Session<byte[], byte[]> one = factory.GetSessionBytes("partition");
            using Session<byte[], byte[]> two = factory.GetSessionBytes("other partition");
            var native = new NativeSession((2 * size) + 1024);
            byte[] nativeRecord = native.Result(native.Encrypt(payload));
            byte[] record = one.Encrypt(payload);
            byte[] otherRecord = two.Encrypt(payload);
            Report(
                size,
                "encrypt",
                record.Length,
                () => native.Encrypt(payload),
                () => GC.KeepAlive(one.Encrypt(payload)),
                () => GC.KeepAlive(two.Encrypt(payload)));
            Report(
                size,
                "decrypt",
                size,
                () => native.Decrypt(nativeRecord),
                () => GC.KeepAlive(one.Decrypt(record)),
                () => GC.KeepAlive(two.Decrypt(otherRecord)));
        }

        private static void Report(
            int size, string name, int result, Action nativeCall, Action managedCall, Action otherCall)
        {
            var native = new Measured(nativeCall);
            var managed = new Measured(managedCall);
            var other = new Measured(otherCall);
            int count = Math.Min(native.PerRound, managed.PerRound);
            double[] nativeTime = new double[Rounds];
            double[] managedTime = new double[Rounds];
            double[] ratio = new double[Rounds];
            double[] gain = new double[Rounds];
            for (int i = 0; i < Rounds; i++)
            {
                nativeTime[i] = Measured.Nanoseconds(count, native);
                managedTime[i] = Measured.Nanoseconds(count, managed);
                ratio[i] = managedTime[i] / nativeTime[i];
                gain[i] = 2 * managedTime[i] / Measured.Nanoseconds(count, managed, other);
            }

            // The result as an array: header and length, rounded up to eight bytes.
            double extra = managed.Allocated() - ((result + 24 + 7) & ~7);
            double most = size <= 1024 ? 1.4 : 1.15;
            Console.WriteLine(
                $"{size,8} {name,-8} {Median(nativeTime),10:F0} {Median(managedTime),10:F0} " +
                $"{Mark(Median(ratio), most, Median(ratio) <= most),16} " +
                $"{Mark(extra, MostBytes, extra <= MostBytes),16} " +
                $"{Mark(Median(gain), LeastGain, Median(gain) >= LeastGain),18}");
        }

        private static void Open(SessionFactory factory)
        {
            using Session<byte[], byte[]> open = factory.GetSessionBytes("partition");
            ReportOpen(factory, "partition", "of a partition in use");
            ReportOpen(factory, "another partition", "of an unused partition");
        }

        private static void ReportOpen(SessionFactory factory, string partition, string name)
        {
            var measured = new Measured(() => factory.GetSessionBytes(partition).Dispose());
            double time = Median(Enumerable.Range(0, Rounds)
                .Select(_ => Measured.Nanoseconds(measured.PerRound, measured))
                .ToArray());
            double bytes = measured.Allocated();
            Console.WriteLine(
                $"cached session {name}, open and close: " +
                $"{Mark(time, MostNanosecondsToOpen, time <= MostNanosecondsToOpen)} ns, " +
                $"{Mark(bytes, MostBytes, bytes <= MostBytes)} bytes");
        }

        private static string Mark(double figure, double target, bool met)
        {
            string digits = target < 100 ? "F2" : "F0";
            return figure.ToString(digits) + (met ? " (" : "! (") + target + ")";
        }

        private static double Median(double[] values)
        {
            double[] sorted = values.OrderBy(value => value).ToArray();
            return sorted[sorted.Length / 2];
        }
    }
}
