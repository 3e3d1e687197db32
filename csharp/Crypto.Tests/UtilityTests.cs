using System;
using System.Linq;
using GoDaddy.Asherah.Crypto.BufferUtils;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.ExtensionMethods;
using GoDaddy.Asherah.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GoDaddy.Asherah.Crypto.Tests
{
    public sealed class UtilityTests
    {
        [Fact]
        public void NoncesHaveTheirLengthAndDiffer()
        {
            var generator = new NonceGenerator();
            Assert.Empty(generator.CreateNonce(0));
            Assert.Equal(12, generator.CreateNonce(96).Length);
            Assert.Equal(1000, Enumerable.Range(0, 1000).Select(i => Convert.ToHexString(generator.CreateNonce(96)))
                .Distinct().Count());
            Assert.Throws<ArgumentException>(() => generator.CreateNonce(95));
            Assert.Throws<ArgumentException>(() => generator.CreateNonce(-8));
        }

        [Fact]
        public void ArraysAreWiped()
        {
            byte[] bytes = { 1, 2, 3 };
            ManagedBufferUtils.WipeByteArray(bytes);
            Assert.Equal(new byte[3], bytes);
            ManagedBufferUtils.WipeByteArray(Array.Empty<byte>());
            Assert.Throws<ArgumentNullException>(() => ManagedBufferUtils.WipeByteArray(null));
        }

        [Fact]
        public void TimesAreRoundedDown()
        {
            var time = new DateTimeOffset(2024, 2, 29, 23, 59, 58, 999, TimeSpan.FromHours(2));
            Assert.Equal(
                new DateTimeOffset(2024, 2, 29, 23, 59, 0, TimeSpan.FromHours(2)),
                time.Truncate(TimeSpan.FromMinutes(1)));
            Assert.Equal(TimeSpan.FromHours(2), time.Truncate(TimeSpan.FromDays(1)).Offset);
            Assert.Equal(time, time.Truncate(TimeSpan.Zero));
            Assert.Equal(DateTimeOffset.MaxValue, DateTimeOffset.MaxValue.Truncate(TimeSpan.FromDays(1)));
            Assert.Equal(DateTimeOffset.MinValue, DateTimeOffset.MinValue.Truncate(TimeSpan.FromDays(1)));
        }

        [Fact]
        public void ExceptionsKeepTheirMessagesAndCauses()
        {
            var cause = new TimeoutException();
            Assert.Same(cause, new CipherNotSupportedException("m", cause).InnerException);
            Assert.Equal("m", new CipherNotSupportedException("m").Message);
            Assert.Same(cause, new AppEncryptionException("m", cause).InnerException);
            Assert.IsAssignableFrom<SystemException>(new AppEncryptionException("m"));
        }

        [Fact]
        public void TheLoggerFactoryIsSetOnce()
        {
            Assert.Throws<ArgumentNullException>(() => LogManager.SetLoggerFactory(null));
            Assert.NotNull(LogManager.CreateLogger<UtilityTests>());
            var factory = new Factory();
            LogManager.SetLoggerFactory(factory);
            LogManager.CreateLogger<UtilityTests>();
            Assert.Equal(typeof(UtilityTests).FullName, factory.Category);
            Assert.Throws<LoggerFactoryExistsException>(() => LogManager.SetLoggerFactory(factory));
        }

        private sealed class Factory : ILoggerFactory
        {
            internal string Category { get; private set; }

            public void AddProvider(ILoggerProvider provider)
            {
            }

            public ILogger CreateLogger(string categoryName)
            {
                Category = categoryName;
                return NullLogger.Instance;
            }

            public void Dispose()
            {
            }
        }
    }
}
