using System;
using System.Text;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>A factory straight from the C functions, as a witness for what the builder hands over.</summary>
    internal sealed unsafe class NativeFactory : IDisposable
    {
        private readonly SafeFactoryHandle handle;

        private NativeFactory(SafeFactoryHandle handle)
        {
            this.handle = handle;
        }

        public void Dispose()
        {
            handle.Dispose();
        }

        internal static NativeFactory Open(string json)
        {
            NativeLoader.EnsureLoaded();
            fixed (byte* text = Encoding.UTF8.GetBytes(json + "\0"))
            {
                SafeFactoryHandle handle = Native.asherah_factory_new_with_config(text);
                Assert.False(handle.IsInvalid, Utf8.FromNative(Native.asherah_last_error_message()));
                return new NativeFactory(handle);
            }
        }

        internal byte[] Decrypt(string partition, byte[] record)
        {
            byte[] id = Encoding.UTF8.GetBytes(partition);
            fixed (byte* bytes = id)
            {
                using var session = new NativePartition(
                    Native.asherah_factory_get_session_n(handle, bytes, (UIntPtr)id.Length), null, callsHost: false);
                return session.DecryptBytes(record);
            }
        }
    }
}
