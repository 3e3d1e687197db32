#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.CipherSuites
{
    public enum AeadCipherSuite : int
    {
        Aes256Gcm = 0,
    }
}
