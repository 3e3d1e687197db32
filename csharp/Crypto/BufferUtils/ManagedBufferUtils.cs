#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.BufferUtils
{
    public static class ManagedBufferUtils
    {
        public static void WipeByteArray(byte[] sensitiveData) { throw null; }
    }
}
