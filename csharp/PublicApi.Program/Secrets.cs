using System;
using GoDaddy.Asherah.SecureMemory;
using GoDaddy.Asherah.SecureMemory.Libc;
using GoDaddy.Asherah.SecureMemory.ProtectedMemoryImpl.Windows;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>Memory for secrets.</summary>
    internal static class Secrets
    {
        internal static void Run()
        {
            using (ISecretFactory factory = new TransientSecretFactory())
            {
                byte[] source = { 1, 2, 3, 4 };
                using Secret secret = factory.CreateSecret(source);
                Expect.Same(0, source[0] + source[3]);
                Expect.Same(10, secret.WithSecretBytes(bytes => bytes[0] + bytes[1] + bytes[2] + bytes[3]));
                secret.WithSecretBytes(bytes => Expect.Same(4, bytes.Length));
                secret.WithSecretIntPtr((pointer, length) => Expect.Same(4UL, length));
                Expect.True(secret.WithSecretIntPtr((pointer, length) => pointer != IntPtr.Zero));
                using Secret copy = secret.CopySecret();
                secret.Close();
                Expect.Throws<InvalidOperationException>(() => secret.WithSecretBytes(bytes => { }));
                Expect.Same(1, copy.WithSecretBytes(bytes => (int)bytes[0]));
            }

            using (var factory = new SecureMemorySecretFactory(null))
            using (Secret secret = factory.CreateSecret("größer".ToCharArray()))
            {
                Expect.Same("größer", secret.WithSecretUtf8Chars(chars => new string(chars)));
                secret.WithSecretUtf8Chars(chars => Expect.Same(6, chars.Length));
            }

            Check.Zero(0, "call");
            Check.Result(1, 1, "call");
            Check.IntPointer(new IntPtr(1), "call");
            Expect.Throws<LibcOperationFailedException>(() => Check.Zero(1, "call"));
            Expect.Throws<LibcOperationFailedException>(() => Check.IntPointer(Check.InvalidPointer, "call"));
            Expect.True(new WindowsOperationFailedException("call", 1, 2) is LibcOperationFailedException);
            Expect.True(new SecureMemoryAllocationFailedException("m") is SecureMemoryException);
            Expect.Same("m", new MemoryLimitException("m").Message);
        }
    }
}
