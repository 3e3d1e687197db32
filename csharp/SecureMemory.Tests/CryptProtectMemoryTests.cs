using System;
using System.Linq;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.SecureMemory.ProtectedMemoryImpl.Linux;

namespace GoDaddy.Asherah.SecureMemory.Tests
{
    public sealed class CryptProtectMemoryTests
    {
        private static readonly byte[] Plain = Enumerable.Range(0, 100).Select(i => (byte)i).ToArray();

        [Fact]
        public void MemoryIsEncryptedAndDecrypted()
        {
            using var crypt = new OpenSSLCryptProtectMemory();
            Assert.Equal(16, crypt.GetBlockSize());
            byte[] first = (byte[])Plain.Clone();
            byte[] second = (byte[])Plain.Clone();
            GCHandle firstPin = GCHandle.Alloc(first, GCHandleType.Pinned);
            GCHandle secondPin = GCHandle.Alloc(second, GCHandleType.Pinned);
            crypt.CryptProtectMemory(firstPin.AddrOfPinnedObject(), first.Length);
            crypt.CryptProtectMemory(secondPin.AddrOfPinnedObject(), second.Length);
            byte[] encrypted = (byte[])first.Clone();
            Assert.NotEqual(Plain, first);
            Assert.NotEqual(first, second);
            Assert.Throws<SecureMemoryException>(
                () => crypt.CryptProtectMemory(firstPin.AddrOfPinnedObject(), first.Length));
            crypt.CryptUnprotectMemory(firstPin.AddrOfPinnedObject(), first.Length);
            crypt.CryptUnprotectMemory(secondPin.AddrOfPinnedObject(), second.Length);
            Assert.Equal(Plain, first);
            Assert.Equal(Plain, second);
            Assert.Throws<SecureMemoryException>(
                () => crypt.CryptUnprotectMemory(firstPin.AddrOfPinnedObject(), first.Length));
            crypt.CryptProtectMemory(firstPin.AddrOfPinnedObject(), first.Length);
            Assert.NotEqual(encrypted, first);
            firstPin.Free();
            secondPin.Free();
        }

        [Fact]
        public void ADisposedObjectIsRefused()
        {
            var crypt = new OpenSSLCryptProtectMemory();
            crypt.Dispose();
            crypt.Dispose();
            Assert.Throws<SecureMemoryException>(() => crypt.CryptProtectMemory(IntPtr.Zero, 0));
            Assert.Throws<SecureMemoryException>(() => crypt.CryptUnprotectMemory(IntPtr.Zero, 0));
        }
    }
}
