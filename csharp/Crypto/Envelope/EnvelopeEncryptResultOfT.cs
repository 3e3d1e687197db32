#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.Envelope
{
    public class EnvelopeEncryptResult<T> where T : class
    {
        public EnvelopeEncryptResult() { throw null; }
        public T UserState { get { throw null; } set { throw null; } }
        public byte[] CipherText { get { throw null; } set { throw null; } }
        public byte[] EncryptedKey { get { throw null; } set { throw null; } }
    }
}
