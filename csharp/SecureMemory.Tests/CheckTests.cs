using System;
using GoDaddy.Asherah.SecureMemory.Libc;
using GoDaddy.Asherah.SecureMemory.Locked;
using GoDaddy.Asherah.SecureMemory.ProtectedMemoryImpl.Windows;

namespace GoDaddy.Asherah.SecureMemory.Tests
{
    public sealed class CheckTests
    {
        [Fact]
        public void GoodResultsPass()
        {
            Check.IntPointer(new IntPtr(1000), "f");
            Check.Result(10, 10, "f");
            Check.Zero(0, "f");
            Check.Zero(0, "f", new TimeoutException());
        }

        [Fact]
        public void BadResultsNameTheFunction()
        {
            foreach (Action bad in new Action[]
            {
                () => Check.IntPointer(IntPtr.Zero, "bad_call"),
                () => Check.IntPointer(Check.InvalidPointer, "bad_call"),
                () => Check.Result(10, 20, "bad_call"),
                () => Check.Zero(10, "bad_call"),
            })
            {
                Assert.Contains(
                    "bad_call", Assert.Throws<LibcOperationFailedException>(bad).Message, StringComparison.Ordinal);
            }
        }

        [Fact]
        public void AnExceptionInProgressIsKept()
        {
            var inProgress = new TimeoutException();
            Assert.Same(
                inProgress,
                Assert.Throws<LibcOperationFailedException>(() => Check.Zero(1, "f", inProgress)).InnerException);
            Assert.Same(inProgress, new WindowsOperationFailedException("f", 0, inProgress).InnerException);
            Assert.Contains(" 87", new WindowsOperationFailedException("f", 0, 87).Message, StringComparison.Ordinal);
        }

        [Theory]
        [InlineData(-11, typeof(MemoryLimitException))]
        [InlineData(-1, typeof(SecureMemoryAllocationFailedException))]
        public void StatusesOfTheLibraryHaveTheirExceptions(int status, Type type)
        {
            Exception e = NativeLockedMemory.FromStatus(status, "the reason");
            Assert.IsType(type, e);
            Assert.Equal("the reason", e.Message);
            Assert.Contains(
                status.ToString(System.Globalization.CultureInfo.InvariantCulture),
                NativeLockedMemory.FromStatus(status, null).Message,
                StringComparison.Ordinal);
        }
    }
}
