using System;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>The engine in the native library: one of its factories.</summary>
    internal sealed unsafe class NativeCore : IAppEncryptionCore
    {
        // The native configuration is read as one NUL-terminated string, which the library reads 1 MiB far.
        private const int MaxConfiguration = 1 << 20;

        private readonly SafeFactoryHandle handle;
        private readonly bool callsHost;

        private NativeCore(SafeFactoryHandle handle, bool callsHost)
        {
            this.handle = handle;
            this.callsHost = callsHost;
        }

        /// <summary>Makes the engine, loading the library if that has not been done.</summary>
        internal static NativeCore Create(FactoryConfiguration configuration)
        {
            NativeLoader.EnsureLoaded();
            using (var json = new SecretBuffer(1024))
            {
                configuration.Write(json);
                if (json.Length > MaxConfiguration)
                {
                    throw new ArgumentException("The configuration is longer than 1 MiB.");
                }

                SafeFactoryHandle handle = HostFactory.Open(
                    json.Data, configuration.Metastore, configuration.Kms, configuration.Policy);
                return new NativeCore(handle, configuration.CallsHost);
            }
        }

        public void Dispose()
        {
            handle.Dispose();
        }

        public IPartitionCore Open(string partitionId)
        {
            if (handle.IsClosed)
            {
                throw new ObjectDisposedException(nameof(SessionFactory));
            }

            byte[] id = Utf8.GetBytes(partitionId, nameof(partitionId));
            byte unused = 0;
            SafeSessionHandle session;
            fixed (byte* bytes = id)
            {
                session = Native.asherah_factory_get_session_n(
                    handle, bytes == null ? &unused : bytes, (UIntPtr)id.Length);
            }

            if (session.IsInvalid)
            {
                throw NativeError.FromLastError();
            }

            return new NativePartition(session, callsHost);
        }
    }
}
