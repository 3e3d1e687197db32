using System;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;
using GoDaddy.Asherah.Crypto.Exceptions;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    public sealed class ErrorTests
    {
        public static TheoryData<int, Type> Statuses => new TheoryData<int, Type>
        {
            { Status.Internal, typeof(AppEncryptionException) },
            { Status.InvalidArgument, typeof(ArgumentException) },
            { Status.Configuration, typeof(ArgumentException) },
            { Status.ClosedHandle, typeof(ObjectDisposedException) },
            { Status.MalformedRecord, typeof(AppEncryptionException) },
            { Status.PartitionMismatch, typeof(MetadataMissingException) },
            { Status.MetadataMissing, typeof(MetadataMissingException) },
            { Status.Authentication, typeof(AppEncryptionException) },
            { Status.Metastore, typeof(AppEncryptionException) },
            { Status.Kms, typeof(KmsException) },
            { Status.LockedMemory, typeof(AppEncryptionException) },
            { Status.TimedOut, typeof(AppEncryptionException) },
            { Status.BufferTooSmall, typeof(AppEncryptionException) },
            { Status.Unsupported, typeof(PlatformNotSupportedException) },
            { Status.HostCallback, typeof(AppEncryptionException) },
            { Status.WouldBlock, typeof(AppEncryptionException) },
            { Status.QueueFull, typeof(AppEncryptionException) },
            { -999, typeof(AppEncryptionException) },
        };

        [Theory]
        [MemberData(nameof(Statuses))]
        public void EachStatusHasItsException(int status, Type type)
        {
            Exception e = NativeError.FromStatus(status, "the words");
            Assert.IsType(type, e);
            Assert.Contains("the words", e.Message, StringComparison.Ordinal);
            Assert.NotEmpty(NativeError.FromStatus(status, null).Message);
        }

        [Fact]
        public void MissingKeysAreToldByHowTheMessageBegins()
        {
            Assert.StartsWith(
                "Could not find",
                NativeError.FromStatus(Status.PartitionMismatch, "x").Message,
                StringComparison.Ordinal);
            Assert.Equal(
                "Could not find x", NativeError.FromStatus(Status.MetadataMissing, "Could not find x").Message);
        }

        [Fact]
        public void TheTypesHaveTheCanonicalBases()
        {
            Assert.Equal(typeof(SystemException), typeof(AppEncryptionException).BaseType);
            Assert.Equal(typeof(AppEncryptionException), typeof(KmsException).BaseType);
            Assert.Equal(typeof(AppEncryptionException), typeof(MetadataMissingException).BaseType);
        }
    }
}
