#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.Exceptions
{
    public class CipherNotSupportedException : System.Exception
    {
        public CipherNotSupportedException(string message) { throw null; }
        public CipherNotSupportedException(string message, System.Exception inner) { throw null; }
    }
}
