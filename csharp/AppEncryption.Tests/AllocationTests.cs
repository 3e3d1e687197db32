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
            const int Calls = 50;
            for (int i = 0; i < 5; i++)
            {
                call();
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Calls; i++)
            {
                call();
            }

            // An array has a header and a length in front of it.
            long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
            Assert.InRange(each, result, result + 24 + 7 + Allowance);
        }
    }
}
