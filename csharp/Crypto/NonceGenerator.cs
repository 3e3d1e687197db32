#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto
{
    public class NonceGenerator
    {
        public NonceGenerator() { throw null; }
        public byte[] CreateNonce(int bits) { throw null; }
    }
}
