using System;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>A user's key management service, which keeps nothing secret and counts.</summary>
    internal sealed class OwnKms : KeyManagementService
    {
        internal int Encrypted { get; private set; }

        internal int Decrypted { get; private set; }

        /// <summary>Gets or sets what is thrown instead of an answer.</summary>
        internal Exception OnEncrypt { get; set; }

        internal Exception OnDecrypt { get; set; }

        public override byte[] EncryptKey(CryptoKey key)
        {
            Encrypted++;
            return OnEncrypt == null ? key.WithKey(Turned) : throw OnEncrypt;
        }

        public override CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
        {
            Decrypted++;
            return OnDecrypt == null ? new PlainKey(Turned(keyCipherText), keyCreated, revoked) : throw OnDecrypt;
        }

        public override System.Threading.Tasks.Task<byte[]> EncryptKeyAsync(CryptoKey key)
        {
            throw new InvalidOperationException("Only the synchronous methods are called.");
        }

        public override System.Threading.Tasks.Task<CryptoKey> DecryptKeyAsync(
            byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked)
        {
            throw new InvalidOperationException("Only the synchronous methods are called.");
        }

        /// <summary>Counts from zero again.</summary>
        internal void Forget()
        {
            Encrypted = 0;
            Decrypted = 0;
        }

        private static byte[] Turned(byte[] bytes)
        {
            return Array.ConvertAll(bytes, b => (byte)~b);
        }

        private sealed class PlainKey : CryptoKey
        {
            private readonly byte[] bytes;
            private readonly DateTimeOffset created;
            private bool revoked;

            internal PlainKey(byte[] bytes, DateTimeOffset created, bool revoked)
            {
                this.bytes = bytes;
                this.created = created;
                this.revoked = revoked;
            }

            public override DateTimeOffset GetCreated()
            {
                return created;
            }

            public override bool IsRevoked()
            {
                return revoked;
            }

            public override void MarkRevoked()
            {
                revoked = true;
            }

            public override void WithKey(Action<byte[]> actionWithKey)
            {
                actionWithKey((byte[])bytes.Clone());
            }

            public override TResult WithKey<TResult>(Func<byte[], TResult> actionWithKey)
            {
                return actionWithKey((byte[])bytes.Clone());
            }

            public override void Dispose()
            {
                Array.Clear(bytes, 0, bytes.Length);
            }
        }
    }
}
