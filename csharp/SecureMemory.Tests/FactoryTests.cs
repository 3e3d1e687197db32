using System;
using Microsoft.Extensions.Configuration;

namespace GoDaddy.Asherah.SecureMemory.Tests
{
    public sealed class FactoryTests
    {
        [Theory]
        [InlineData(null)]
        [InlineData(" ")]
        [InlineData("mmap")]
        [InlineData("OpenSSL11")]
        public void KnownHeapsAreTaken(string name)
        {
            using var factory = new SecureMemorySecretFactory(With("secureHeapEngine", name));
            using Secret bytes = factory.CreateSecret(new byte[] { 1 });
            using Secret text = factory.CreateSecret(new[] { 'a' });
            Assert.Equal(1, bytes.WithSecretBytes(seen => seen[0]));
            Assert.Equal('a', text.WithSecretUtf8Chars(seen => seen[0]));
        }

        [Fact]
        public void UnknownSettingsAreRefused()
        {
            Assert.Throws<PlatformNotSupportedException>(
                () => new SecureMemorySecretFactory(With("secureHeapEngine", "no-such-heap")));
            Assert.Throws<SecureMemoryException>(() => new SecureMemorySecretFactory(With("mlock", "no")));
            using var factory = new SecureMemorySecretFactory(With("mlock", "Disabled"));
            using Secret secret = factory.CreateSecret(new byte[] { 1 });
        }

        [Fact]
        public void NullAndEmptyAreRefused()
        {
            using var factory = new TransientSecretFactory();
            Assert.Throws<ArgumentNullException>("secretData", () => factory.CreateSecret((byte[])null));
            Assert.Throws<ArgumentNullException>("secretData", () => factory.CreateSecret((char[])null));
            Assert.Throws<ArgumentException>(() => factory.CreateSecret(Array.Empty<byte>()));
            Assert.Throws<ArgumentException>(() => factory.CreateSecret(Array.Empty<char>()));
        }

        [Fact]
        public void SecretsOutliveTheirFactory()
        {
            var factory = new TransientSecretFactory();
            using Secret secret = factory.CreateSecret(new byte[] { 3 });
            factory.Dispose();
            factory.Dispose();
            Assert.Equal(3, secret.WithSecretBytes(bytes => bytes[0]));
            using Secret later = factory.CreateSecret(new byte[] { 4 });
            Assert.Equal(4, later.WithSecretBytes(bytes => bytes[0]));
        }

        // As canonical Asherah's count of factories has it.
        [Fact]
        public void TheLastFactoryIsNotDisposedOfTwice()
        {
            var factory = new SecureMemorySecretFactory(null);
            using (new SecureMemorySecretFactory(null))
            {
                factory.Dispose();
                factory.Dispose();
            }

            Assert.Throws<SecureMemoryException>(factory.Dispose);
        }

        private static IConfiguration With(string key, string value)
        {
            IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection().Build();
            configuration[key] = value;
            return configuration;
        }
    }
}
