using System;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;

namespace Org.BouncyCastle.Crypto.Modes
{
    /// <summary>GCM (NIST SP 800-38D) over .NET's AES, slow and for tests only.</summary>
    public sealed class GcmBlockCipher : IAeadBlockCipher
    {
        private const int Block = 16;

        private bool encrypts;
        private ICryptoTransform aes;
        private byte[] hashKey;
        private byte[] nonce;
        private byte[] input;
        private int length;

        public GcmBlockCipher(IBlockCipher c)
        {
        }

        public void Init(bool forEncryption, ICipherParameters parameters)
        {
            var given = (AeadParameters)parameters;
            nonce = given.GetNonce();
            if (given.MacSize != 8 * Block || nonce.Length != 12)
            {
                throw new ArgumentException("The stand-in has tags of 128 bits and nonces of 96 only.");
            }

            Aes cipher = Aes.Create();
            cipher.Mode = CipherMode.ECB;
            cipher.Padding = PaddingMode.None;
            cipher.Key = given.Key.GetKey();
            aes = cipher.CreateEncryptor();
            encrypts = forEncryption;
            hashKey = Encrypt(new byte[Block]);
            input = Array.Empty<byte>();
            length = 0;
        }

        public int GetOutputSize(int len)
        {
            int all = length + len;
            return encrypts ? all + Block : Math.Max(0, all - Block);
        }

        /// <summary>Keeps the bytes for <see cref="DoFinal"/>.</summary>
        public int ProcessBytes(byte[] inBytes, int inOff, int len, byte[] outBytes, int outOff)
        {
            Array.Resize(ref input, length + len);
            Buffer.BlockCopy(inBytes, inOff, input, length, len);
            length += len;
            return 0;
        }

        public int DoFinal(byte[] outBytes, int outOff)
        {
            int textLength = encrypts ? length : length - Block;
            if (textLength < 0)
            {
                throw new InvalidCipherTextException("data too short");
            }

            byte[] text = new byte[textLength];
            for (int i = 0; i < textLength; i += Block)
            {
                byte[] stream = Encrypt(Counter((uint)(i / Block) + 2));
                for (int j = 0; j < Block && i + j < textLength; j++)
                {
                    text[i + j] = (byte)(input[i + j] ^ stream[j]);
                }
            }

            byte[] tag = Tag(encrypts ? text : input, textLength);
            if (encrypts)
            {
                Buffer.BlockCopy(tag, 0, outBytes, outOff + textLength, Block);
            }
            else if (Differs(tag))
            {
                throw new InvalidCipherTextException("mac check in GCM failed");
            }

            Buffer.BlockCopy(text, 0, outBytes, outOff, textLength);
            return encrypts ? textLength + Block : textLength;
        }

        private static void Add(byte[] to, byte[] from, int offset, int count)
        {
            for (int i = 0; i < count; i++)
            {
                to[i] ^= from[offset + i];
            }
        }

        private bool Differs(byte[] tag)
        {
            int difference = 0;
            for (int i = 0; i < Block; i++)
            {
                difference |= tag[i] ^ input[length - Block + i];
            }

            return difference != 0;
        }

        private byte[] Encrypt(byte[] block)
        {
            byte[] encrypted = new byte[Block];
            aes.TransformBlock(block, 0, Block, encrypted, 0);
            return encrypted;
        }

        private byte[] Counter(uint number)
        {
            byte[] block = new byte[Block];
            Buffer.BlockCopy(nonce, 0, block, 0, nonce.Length);
            for (int i = 0; i < 4; i++)
            {
                block[Block - 1 - i] = (byte)(number >> (8 * i));
            }

            return block;
        }

        private byte[] Tag(byte[] sealedText, int count)
        {
            byte[] hash = new byte[Block];
            for (int i = 0; i < count; i += Block)
            {
                Add(hash, sealedText, i, Math.Min(Block, count - i));
                Multiply(hash);
            }

            ulong bits = 8 * (ulong)count;
            for (int i = 0; i < 8; i++)
            {
                hash[Block - 1 - i] ^= (byte)(bits >> (8 * i));
            }

            Multiply(hash);
            Add(hash, Encrypt(Counter(1)), 0, Block);
            return hash;
        }

        // In the field of GCM: bits are reflected, the polynomial is x^128 + x^7 + x^2 + x + 1.
        private void Multiply(byte[] value)
        {
            byte[] product = new byte[Block];
            byte[] shifted = (byte[])hashKey.Clone();
            for (int bit = 0; bit < 8 * Block; bit++)
            {
                if ((value[bit / 8] & (0x80 >> (bit % 8))) != 0)
                {
                    Add(product, shifted, 0, Block);
                }

                int carry = shifted[Block - 1] & 1;
                for (int i = Block - 1; i > 0; i--)
                {
                    shifted[i] = (byte)((shifted[i] >> 1) | (shifted[i - 1] << 7));
                }

                shifted[0] = (byte)((shifted[0] >> 1) ^ (carry != 0 ? 0xe1 : 0));
            }

            Buffer.BlockCopy(product, 0, value, 0, Block);
        }
    }
}
