using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GoDaddy.Asherah.Crypto.Engine.BouncyCastle;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.Crypto.Tests
{
    /// <summary>Keys and their cache.</summary>
    public sealed class KeyTests : IDisposable
    {
        private readonly BouncyAes256GcmCrypto crypto = new BouncyAes256GcmCrypto();
        private readonly long before = TestSetup.LiveSecrets();

        public void Dispose()
        {
            crypto.Dispose();
            Assert.Equal(before, TestSetup.LiveSecrets());
        }

        [Fact]
        public void ACopyOfAKeyIsItsOwn()
        {
            CryptoKey key = Key(7, revoked: true);
            using var copy = new SecretCryptoKey(key);
            key.Dispose();
            Assert.Throws<InvalidOperationException>(() => key.WithKey(bytes => { }));
            Assert.Equal(7, copy.WithKey(bytes => bytes[0]));
            Assert.True(copy.IsRevoked());
            Assert.Equal(key.GetCreated(), copy.GetCreated());
            Assert.Throws<ArgumentNullException>("otherKey", () => new SecretCryptoKey(null));
            Assert.Throws<InvalidCastException>(() => new SecretCryptoKey(new SharedCryptoKey(copy)));
        }

        [Fact]
        public void ASharedKeyIsThatOfTheCache()
        {
            using CryptoKey key = Key(7);
            var shared = new SharedCryptoKey(key);
            shared.Dispose();
            Assert.Equal(7, shared.WithKey(bytes => bytes[0]));
            shared.WithKey(bytes => Assert.Equal(7, bytes[0]));
            Assert.Equal(key.GetCreated(), shared.GetCreated());
            Assert.False(shared.IsRevoked());
            shared.MarkRevoked();
            Assert.True(key.IsRevoked());
        }

        [Fact]
        public void TheCacheOwnsWhatIsPut()
        {
            var cache = new SecureCryptoKeyDictionary<string>(long.MaxValue);
            Assert.Null(cache.Get("a"));
            Assert.Null(cache.GetLast());
            CryptoKey key = Key(1);
            CryptoKey usable = cache.PutAndGetUsable("a", key);
            usable.Dispose();
            Assert.Equal(1, cache.Get("a").WithKey(bytes => bytes[0]));
            Assert.NotSame(key, cache.PutAndGetUsable("a", key));
            cache.PutAndGetUsable("c", Key(3));
            cache.PutAndGetUsable("b", Key(2));
            Assert.Equal(3, cache.GetLast().WithKey(bytes => bytes[0]));
            Assert.Throws<ArgumentNullException>(() => cache.PutAndGetUsable("d", null));
            cache.Dispose();
            cache.Dispose();
            Assert.Throws<InvalidOperationException>(() => key.WithKey(bytes => { }));
            Assert.Throws<InvalidOperationException>(() => cache.Get("a"));
            Assert.Throws<InvalidOperationException>(() => cache.GetLast());
            using CryptoKey late = Key(4);
            Assert.Throws<InvalidOperationException>(() => cache.PutAndGetUsable("a", late));
        }

        [Fact]
        public void ASecondKeyOfTheSameNameIsTheCallers()
        {
            using var cache = new SecureCryptoKeyDictionary<int>(long.MaxValue);
            cache.PutAndGetUsable(1, Key(1));
            CryptoKey second = Key(2);
            Assert.Same(second, cache.PutAndGetUsable(1, second));
            second.Dispose();
            Assert.Equal(1, cache.Get(1).WithKey(bytes => bytes[0]));
            Assert.False(cache.Get(1).IsRevoked());
            cache.PutAndGetUsable(1, Key(3, revoked: true)).Dispose();
            Assert.True(cache.Get(1).IsRevoked());
        }

        [Fact]
        public void AKeyIsGivenOutForThePeriodUnlessItIsRevoked()
        {
            using var never = new SecureCryptoKeyDictionary<int>(0);
            never.PutAndGetUsable(1, Key(1));
            Assert.Null(never.Get(1));
            Assert.Null(never.GetLast());
            never.PutAndGetUsable(1, Key(1, revoked: true)).Dispose();
            Assert.NotNull(never.Get(1));
            Assert.NotNull(never.GetLast());

            using var soon = new SecureCryptoKeyDictionary<int>(1000);
            soon.PutAndGetUsable(1, Key(1));
            Assert.True(
                SpinWait.SpinUntil(() => soon.Get(1) == null, TimeSpan.FromSeconds(30)), "it is given out for ever");
            CryptoKey again = Key(1);
            Assert.Same(again, soon.PutAndGetUsable(1, again));
            again.Dispose();
            Assert.NotNull(soon.Get(1));
        }

        [Fact]
        public void NoKeyIsLeftWherePutAndDisposeMeet()
        {
            for (int round = 0; round < 50; round++)
            {
                var cache = new SecureCryptoKeyDictionary<int>(long.MaxValue);
                Parallel.For(0, 16, i =>
                {
                    if (i == 9)
                    {
                        cache.Dispose();
                        return;
                    }

                    CryptoKey key = Key((byte)(i + 1));
                    try
                    {
                        using CryptoKey usable = cache.PutAndGetUsable(i % 4, key);
                        cache.Get(i % 4);
                    }
                    catch (InvalidOperationException)
                    {
                        // Closed by the other. What was put is the cache's, what was not is ours.
                        key.Dispose();
                    }
                });
                cache.Dispose();
                Assert.Equal(before, TestSetup.LiveSecrets());
            }
        }

        private CryptoKey Key(byte first, bool revoked = false)
        {
            byte[] bytes = Enumerable.Repeat(first, 32).ToArray();
            return crypto.GenerateKeyFromBytes(bytes, DateTimeOffset.UnixEpoch.AddDays(1), revoked);
        }
    }
}
