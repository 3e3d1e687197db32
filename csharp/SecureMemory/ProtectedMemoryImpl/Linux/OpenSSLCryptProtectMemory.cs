#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory.ProtectedMemoryImpl.Linux
{
    public class OpenSSLCryptProtectMemory : System.IDisposable
    {
        ~OpenSSLCryptProtectMemory() { }
        protected virtual void Dispose(bool disposing) { throw null; }
        public int GetBlockSize() { throw null; }
        public void CryptProtectMemory(nint memory, int length) { throw null; }
        public void CryptUnprotectMemory(nint memory, int length) { throw null; }
        public void Dispose() { throw null; }
        internal OpenSSLCryptProtectMemory() { }
    }
}
