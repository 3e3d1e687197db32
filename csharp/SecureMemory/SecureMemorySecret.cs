using System;
using System.Runtime.InteropServices;
using System.Text;
using GoDaddy.Asherah.PlatformNative.Interop;
using GoDaddy.Asherah.SecureMemory.Locked;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>
    /// A secret in locked memory. A use counts on the handle, whose last release wipes: Dispose takes the owner's count
    /// away and so does the finaliser of the handle.
    /// </summary>
    internal sealed unsafe class SecureMemorySecret : Secret
    {
        private readonly LockedMemory memory;
        private readonly SecretSettings settings;
        private readonly SafeHandle handle;
        private readonly MissingDispose missingDispose;
        private readonly byte* data;
        private readonly int length;
        private volatile bool disposed;

        private SecureMemorySecret(int length, LockedMemory memory, SecretSettings settings)
        {
            this.length = length;
            this.memory = memory;
            this.settings = settings;
            handle = memory.Allocate(length, out data);
            missingDispose = MissingDispose.Watch(settings);
        }

        public override TResult WithSecretBytes<TResult>(Func<byte[], TResult> funcWithSecret)
        {
            Use(funcWithSecret);
            try
            {
                // Pinned before the secret is in it: the garbage collector leaves copies behind of what it moves.
                var bytes = new byte[length];
                fixed (byte* pinned = bytes)
                {
                    try
                    {
                        Buffer.MemoryCopy(data, pinned, length, length);
                        return funcWithSecret(bytes);
                    }
                    finally
                    {
                        Memory.Wipe(pinned, length);
                    }
                }
            }
            finally
            {
                handle.DangerousRelease();
            }
        }

        public override TResult WithSecretUtf8Chars<TResult>(Func<char[], TResult> funcWithSecret)
        {
            Use(funcWithSecret);
            try
            {
                var chars = new char[Encoding.UTF8.GetCharCount(data, length)];
                fixed (char* pinned = chars)
                {
                    try
                    {
                        Encoding.UTF8.GetChars(data, length, pinned, chars.Length);
                        return funcWithSecret(chars);
                    }
                    finally
                    {
                        Memory.Wipe((byte*)pinned, chars.Length * sizeof(char));
                    }
                }
            }
            finally
            {
                handle.DangerousRelease();
            }
        }

        public override TResult WithSecretIntPtr<TResult>(Func<IntPtr, ulong, TResult> funcWithSecret)
        {
            Use(funcWithSecret);
            try
            {
                return funcWithSecret((IntPtr)data, (ulong)length);
            }
            finally
            {
                handle.DangerousRelease();
            }
        }

        public override Secret CopySecret()
        {
            Use();
            try
            {
                var copy = new SecureMemorySecret(length, memory, settings);
                Buffer.MemoryCopy(data, copy.data, length, length);
                return copy;
            }
            finally
            {
                handle.DangerousRelease();
            }
        }

        public override void Close()
        {
            Dispose();
        }

        public override void Dispose()
        {
            disposed = true;
            handle.Dispose();
            if (missingDispose != null)
            {
                GC.SuppressFinalize(missingDispose);
            }
        }

        /// <summary>Makes a secret of bytes and wipes them; not where it fails.</summary>
        internal static SecureMemorySecret Move(byte[] source, LockedMemory memory, SecretSettings settings)
        {
            var secret = new SecureMemorySecret(source.Length, memory, settings);
            fixed (byte* bytes = source)
            {
                Buffer.MemoryCopy(bytes, secret.data, secret.length, secret.length);
                Memory.Wipe(bytes, source.Length);
            }

            return secret;
        }

        /// <summary>Makes a secret of a text as UTF-8, encoded where it is kept.</summary>
        internal static SecureMemorySecret Encode(char[] source, LockedMemory memory, SecretSettings settings)
        {
            var secret = new SecureMemorySecret(Encoding.UTF8.GetByteCount(source), memory, settings);
            fixed (char* chars = source)
            {
                Encoding.UTF8.GetBytes(chars, source.Length, secret.data, secret.length);
            }

            return secret;
        }

        private void Use(Delegate funcWithSecret)
        {
            if (funcWithSecret == null)
            {
                throw new ArgumentNullException(nameof(funcWithSecret));
            }

            Use();
        }

        // The handle itself refuses uses only once the last one has ended.
        private void Use()
        {
            bool counted = false;
            try
            {
                if (!disposed)
                {
                    handle.DangerousAddRef(ref counted);
                }
            }
            catch (ObjectDisposedException)
            {
                // Disposed of since the look.
            }

            if (!counted)
            {
                // What canonical Asherah throws for a closed secret, and callers compare with.
                throw new InvalidOperationException("Attempt to access disposed secret");
            }
        }
    }
}
