using System;
using System.Security.Cryptography;
using GoDaddy.Asherah.Crypto.Keys;
using GoDaddy.Asherah.SecureMemory;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>System keys, as a session factory has them.</summary>
    internal static class SystemKeys
    {
        internal static readonly DateTimeOffset Created = new DateTimeOffset(2024, 5, 6, 7, 8, 0, TimeSpan.Zero);

        private static readonly TransientSecretFactory Secrets = new TransientSecretFactory();

        /// <summary>Returns 32 bytes that no other key has.</summary>
        internal static byte[] NewBytes()
        {
            return RandomNumberGenerator.GetBytes(32);
        }

        internal static CryptoKey Of(byte[] bytes, bool revoked = false)
        {
            return new SecretCryptoKey(Secrets.CreateSecret((byte[])bytes.Clone()), Created, revoked);
        }

        /// <summary>Asserts what a key is, and disposes it.</summary>
        internal static void MustBe(byte[] expected, CryptoKey key, bool revoked = false)
        {
            using (key)
            {
                key.WithKey(bytes => Assert.Equal(expected, bytes));
                Assert.Equal(Created, key.GetCreated());
                Assert.Equal(revoked, key.IsRevoked());
            }
        }
    }
}
