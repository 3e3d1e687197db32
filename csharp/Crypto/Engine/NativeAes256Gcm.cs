using System;
using System.Security.Cryptography;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.Crypto.Engine
{
    /// <summary>The cipher of the native library.</summary>
    internal sealed unsafe class NativeAes256Gcm : Aes256Gcm
    {
        internal static readonly NativeAes256Gcm Instance = new NativeAes256Gcm();

        private NativeAes256Gcm()
        {
        }

        protected override void Seal(byte[] key, byte[] nonce, byte[] plaintext, byte[] output)
        {
            NativeLoader.EnsureLoaded();
            UIntPtr written = UIntPtr.Zero;
            fixed (byte* k = key)
            fixed (byte* n = nonce)
            fixed (byte* from = plaintext)
            fixed (byte* to = output)
            {
                Check(Native.asherah_aes_gcm_seal(
                    k, n, from, (UIntPtr)(uint)plaintext.Length, to, (UIntPtr)(uint)output.Length, &written));
            }
        }

        protected override void Open(byte[] key, byte[] nonce, byte[] input, byte[] output)
        {
            NativeLoader.EnsureLoaded();
            UIntPtr written = UIntPtr.Zero;
            fixed (byte* k = key)
            fixed (byte* n = nonce)
            fixed (byte* from = input)
            fixed (byte* to = output)
            {
                Check(Native.asherah_aes_gcm_open(
                    k,
                    n,
                    from,
                    (UIntPtr)(uint)(output.Length + TagSize),
                    to,
                    (UIntPtr)(uint)output.Length,
                    &written));
            }
        }

        private static void Check(int status)
        {
            if (status != Status.Ok)
            {
                string message = Utf8.FromNative(Native.asherah_last_error_message());
                throw status == Status.Authentication
                    ? NotAuthentic(new CryptographicException(message))
                    : new AppEncryptionException(message);
            }
        }
    }
}
