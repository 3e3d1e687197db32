using System;
using System.Threading;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.PlatformNative.Interop;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>The engine in the native library: one of its factories.</summary>
    internal sealed unsafe class NativeCore : IAppEncryptionCore
    {
        // The native configuration is read as one NUL-terminated string, which the library reads 1 MiB far.
        private const int MaxConfiguration = 1 << 20;

        private readonly SafeFactoryHandle handle;
        private readonly INativeKms kms;
        private readonly bool callsHost;
        private readonly Func<FactoryObserver> newObserver;
        private FactoryObserver observer;

        private NativeCore(SafeFactoryHandle handle, FactoryConfiguration configuration)
        {
            this.handle = handle;
            kms = configuration.NativeKms;
            callsHost = configuration.CallsHost;
            var metastore = new ObservedPart(configuration.Metastore);
            var service = new ObservedPart(configuration.Kms);
            ILogger logger = configuration.Logger;
            IMetrics metrics = configuration.Metrics;
            newObserver = () => new FactoryObserver(logger, metrics, metastore, service);
            if (logger != null || metrics != null || metastore.Logger != null)
            {
                Observe();
            }
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
                return new NativeCore(handle, configuration);
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

            var partition = new NativePartition(session, kms, callsHost);
            bool listened = Telemetry.IsOn;
            if (listened)
            {
                Observe();
            }

            IMetrics metrics = Volatile.Read(ref observer)?.Metrics;
            return listened || metrics != null ? new ObservedPartition(partition, metrics) : (IPartitionCore)partition;
        }

        // Who listens to instruments may come after the factory, and is noticed by the partition that is opened next.
        private void Observe()
        {
            if (Volatile.Read(ref observer) == null)
            {
                FactoryObserver mine = newObserver();
                if (Interlocked.CompareExchange(ref observer, mine, null) == null)
                {
                    HostEvents.Observe(handle, mine);
                }
            }
        }
    }
}
