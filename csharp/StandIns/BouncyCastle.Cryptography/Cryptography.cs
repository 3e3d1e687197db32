using System;

namespace Org.BouncyCastle.Crypto
{
    public interface ICipherParameters
    {
    }

    public interface IBlockCipher
    {
    }

    public class InvalidCipherTextException : Exception
    {
        public InvalidCipherTextException(string message)
            : base(message)
        {
        }
    }
}

namespace Org.BouncyCastle.Crypto.Parameters
{
    public class KeyParameter : ICipherParameters
    {
        private readonly byte[] key;

        public KeyParameter(byte[] key)
        {
            this.key = (byte[])key.Clone();
        }

        public byte[] GetKey()
        {
            return (byte[])key.Clone();
        }
    }

    public class AeadParameters : ICipherParameters
    {
        private readonly byte[] nonce;

        public AeadParameters(KeyParameter key, int macSize, byte[] nonce)
        {
            Key = key;
            MacSize = macSize;
            this.nonce = nonce;
        }

        public virtual KeyParameter Key { get; }

        public virtual int MacSize { get; }

        public virtual byte[] GetNonce()
        {
            return nonce;
        }
    }
}

namespace Org.BouncyCastle.Crypto.Engines
{
    public class AesEngine : IBlockCipher
    {
    }
}

namespace Org.BouncyCastle.Crypto.Modes
{
    public interface IAeadCipher
    {
        int DoFinal(byte[] outBytes, int outOff);

        int GetOutputSize(int len);

        void Init(bool forEncryption, ICipherParameters parameters);

        int ProcessBytes(byte[] inBytes, int inOff, int len, byte[] outBytes, int outOff);
    }

    public interface IAeadBlockCipher : IAeadCipher
    {
    }
}
