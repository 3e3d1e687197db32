using System;
using System.Collections.Generic;
using System.Linq;
using GoDaddy.Asherah.Crypto.Engine;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.Crypto.Tests
{
    /// <summary>The ciphers of the runtime and of the native library, against known answers and each other.</summary>
    public sealed class Aes256GcmTests
    {
        private static readonly byte[] Key = TestSetup.Pattern(32);
        private static readonly byte[] Nonce = TestSetup.Pattern(12);

        public static TheoryData<string> Ciphers
        {
            get
            {
                var names = new TheoryData<string>();
                foreach (Aes256Gcm cipher in All())
                {
                    names.Add(cipher.GetType().Name);
                }

                return names;
            }
        }

        // Test cases 13 and 14 of the specification of GCM.
        [Theory]
        [MemberData(nameof(Ciphers))]
        public void KnownAnswers(string name)
        {
            Aes256Gcm cipher = Named(name);
            Assert.Equal(
                "530F8AFBC74536B9A963B4F1C4CB738B" + new string('0', 24),
                Convert.ToHexString(cipher.Encrypt(new byte[32], new byte[12], Array.Empty<byte>())));
            Assert.Equal(
                "CEA7403D4D606B6E074EC5D3BAF39D18" + "D0D1C8A799996BF0265B98B5D48AB919" + new string('0', 24),
                Convert.ToHexString(cipher.Encrypt(new byte[32], new byte[12], new byte[16])));
        }

        [Theory]
        [InlineData(0)]
        [InlineData(1)]
        [InlineData(15)]
        [InlineData(16)]
        [InlineData(32)]
        [InlineData(33)]
        [InlineData(1000)]
        [InlineData(1 << 20)]
        public void TheCiphersAgree(int size)
        {
            byte[] plaintext = TestSetup.Pattern(size);
            var random = new Random(size);
            for (int i = 0; i < (size > 1000 ? 2 : 100); i++)
            {
                random.NextBytes(Key);
                random.NextBytes(Nonce);
                byte[] first = null;
                foreach (Aes256Gcm cipher in All())
                {
                    byte[] encrypted = cipher.Encrypt(Key, Nonce, plaintext);
                    first = first ?? encrypted;
                    Assert.True(encrypted.AsSpan().SequenceEqual(first), cipher.GetType().Name);
                    Assert.Equal(Nonce, encrypted.AsSpan(size + 16).ToArray());
                    Assert.True(cipher.Decrypt(Key, first).AsSpan().SequenceEqual(plaintext));
                }
            }
        }

        [Theory]
        [MemberData(nameof(Ciphers))]
        public void DamageIsNoticed(string name)
        {
            Aes256Gcm cipher = Named(name);
            byte[] encrypted = cipher.Encrypt(Key, Nonce, TestSetup.Pattern(20));
            for (int i = 0; i < encrypted.Length; i++)
            {
                byte[] damaged = (byte[])encrypted.Clone();
                damaged[i] ^= 1;
                Assert.Throws<AppEncryptionException>(() => cipher.Decrypt(Key, damaged));
                Assert.Throws<AppEncryptionException>(() => cipher.Decrypt(Key, encrypted.AsSpan(0, i).ToArray()));
            }

            Assert.Throws<AppEncryptionException>(() => cipher.Decrypt(Key, encrypted.Append((byte)0).ToArray()));
            Assert.Throws<AppEncryptionException>(() => cipher.Decrypt(Key.Reverse().ToArray(), encrypted));
            Assert.Equal(TestSetup.Pattern(20), cipher.Decrypt(Key, encrypted));
        }

        [Theory]
        [MemberData(nameof(Ciphers))]
        public void KeysOfOtherLengthsAreRefused(string name)
        {
            Aes256Gcm cipher = Named(name);
            foreach (int length in new[] { 0, 16, 31, 33 })
            {
                Assert.Throws<ArgumentException>(() => cipher.Encrypt(new byte[length], Nonce, Key));
                Assert.Throws<ArgumentException>(() => cipher.Decrypt(new byte[length], new byte[60]));
            }
        }

        [Fact]
        public void TheRuntimesCipherIsUsedWhereThereIsOne()
        {
            Assert.Same(All().First(), Aes256Gcm.Choose());
            AppContext.SetSwitch(ManagedEngine.Switch, true);
            try
            {
#if ASHERAH_NETSTANDARD
                Assert.Null(Aes256Gcm.Choose());
#else
                Assert.Same(All().First(), Aes256Gcm.Choose());
#endif
            }
            finally
            {
                AppContext.SetSwitch(ManagedEngine.Switch, false);
            }
        }

        private static Aes256Gcm Named(string name)
        {
            return All().Single(cipher => cipher.GetType().Name == name);
        }

        private static IEnumerable<Aes256Gcm> All()
        {
#if !ASHERAH_NETSTANDARD
            yield return SystemAes256Gcm.Instance;
#endif
            yield return NativeAes256Gcm.Instance;
        }
    }
}
