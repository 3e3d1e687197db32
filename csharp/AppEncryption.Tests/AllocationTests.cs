using System;
using System.Threading.Tasks;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>A warm call allocates its result, and at most 120 bytes more.</summary>
    public sealed class AllocationTests
    {
        private const int Allowance = 120;

        [Theory]
        [InlineData(0)]
        [InlineData(64)]
        [InlineData(65)]
        [InlineData(1024)]
        [InlineData(65536)]
        [InlineData(1048576)]
        public void NothingButTheResult(int size)
        {
            using SessionFactory factory = TestSetup.NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] payload = TestSetup.Pattern(size);
            byte[] record = session.Encrypt(payload);
            Check(record.Length, () => session.Encrypt(payload));
            Check(size, () => session.Decrypt(record));
            Check(record.Length, () => Completed(session.EncryptAsync(payload)));
            Check(size, () => Completed(session.DecryptAsync(record)));
        }

        private static byte[] Completed(Task<byte[]> task)
        {
            Assert.True(task.IsCompletedSuccessfully);
            return task.Result;
        }

        private static void Check(int result, Func<byte[]> call)
        {
            // The least of many: a collection in between counts what is left of the thread's allocation buffer.
            long least = long.MaxValue;
            for (int i = 0; i < 50; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                call();
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            // An array has a header and a length in front of it.
            Assert.InRange(least, result, result + 24 + 7 + Allowance);
        }
    }
}
