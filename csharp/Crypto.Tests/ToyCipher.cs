using System;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace GoDaddy.Asherah.Crypto.Tests
{
    /// <summary>
    /// A cipher as a user may write one, for tests only: the key is added to each byte and the mac is the key's first
    /// bytes. It has every member of BouncyCastle's interface, of which a stand-in may have fewer.
    /// </summary>
    internal sealed class ToyCipher : IAeadBlockCipher
    {
        internal const int MacSize = 4;

        private bool encrypting;
        private byte[] key;
        private int seen;

        public string AlgorithmName => "toy";

        public IBlockCipher UnderlyingCipher => null;

        /// <summary>Gets the last array that was written to.</summary>
        internal static byte[] LastOutput { get; private set; }

        public void Init(bool forEncryption, ICipherParameters parameters)
        {
            encrypting = forEncryption;
            key = ((AeadParameters)parameters).Key.GetKey();
        }

        public int GetOutputSize(int len)
        {
            return encrypting ? len + MacSize : len - MacSize;
        }

        public int ProcessBytes(byte[] inBytes, int inOff, int len, byte[] outBytes, int outOff)
        {
            LastOutput = outBytes;
            int count = encrypting ? len : len - MacSize;
            for (int i = 0; i < count; i++)
            {
                int shift = key[i % key.Length];
                outBytes[outOff + i] = (byte)(inBytes[inOff + i] + (encrypting ? shift : -shift));
            }

            bool authentic =
                encrypting || inBytes.AsSpan(inOff + count, MacSize).SequenceEqual(key.AsSpan(0, MacSize));
            seen = authentic ? count : -1;
            return count;
        }

        public int DoFinal(byte[] outBytes, int outOff)
        {
            if (seen < 0)
            {
                throw new InvalidCipherTextException("mac check failed");
            }

            if (!encrypting)
            {
                return 0;
            }

            key.AsSpan(0, MacSize).CopyTo(outBytes.AsSpan(outOff));
            return MacSize;
        }

        public int GetBlockSize()
        {
            return 1;
        }

        public byte[] GetMac()
        {
            return key.AsSpan(0, MacSize).ToArray();
        }

        public int GetUpdateOutputSize(int len)
        {
            return len;
        }

        public void Reset()
        {
        }

        public void ProcessAadByte(byte input)
        {
        }

        public void ProcessAadBytes(byte[] inBytes, int inOff, int len)
        {
        }

        public void ProcessAadBytes(ReadOnlySpan<byte> input)
        {
        }

        public int ProcessByte(byte input, byte[] outBytes, int outOff)
        {
            throw new NotSupportedException();
        }

        public int ProcessByte(byte input, Span<byte> output)
        {
            throw new NotSupportedException();
        }

        public int ProcessBytes(ReadOnlySpan<byte> input, Span<byte> output)
        {
            throw new NotSupportedException();
        }

        public int DoFinal(Span<byte> output)
        {
            throw new NotSupportedException();
        }
    }
}
