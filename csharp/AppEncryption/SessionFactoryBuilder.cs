using System;
using GoDaddy.Asherah.PlatformNative.Interop;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>The steps of <see cref="SessionFactory.NewBuilder"/>, each checking what it is given at once.</summary>
    internal sealed unsafe class SessionFactoryBuilder :
        SessionFactory.IMetastoreStep,
        SessionFactory.ICryptoPolicyStep,
        SessionFactory.IKeyManagementServiceStep,
        SessionFactory.IBuildStep
    {
        // The native configuration is read as one NUL-terminated string, which the library reads 1 MiB far.
        private const int MaxConfiguration = 1 << 20;

        private readonly FactoryConfiguration configuration = new FactoryConfiguration();

        internal SessionFactoryBuilder(string productId, string serviceId)
        {
            configuration.ProductId = RequireName(productId, nameof(productId));
            configuration.ServiceId = RequireName(serviceId, nameof(serviceId));
        }

        public SessionFactory.ICryptoPolicyStep WithInMemoryMetastore()
        {
            configuration.NativeFields = null;
            return this;
        }

        public SessionFactory.ICryptoPolicyStep WithNativeConfiguration(string json)
        {
            if (json == null)
            {
                throw new ArgumentNullException(nameof(json));
            }

            FactoryConfiguration.CheckNativeFields(json, nameof(json));
            RequireUnicode(json, nameof(json));
            configuration.NativeFields = json;
            return this;
        }

        public SessionFactory.IKeyManagementServiceStep WithNeverExpiredCryptoPolicy()
        {
            return WithCryptoPolicy(new NeverExpiredCryptoPolicy());
        }

        public SessionFactory.IKeyManagementServiceStep WithCryptoPolicy(CryptoPolicy cryptoPolicy)
        {
            if (cryptoPolicy == null)
            {
                throw new ArgumentNullException(nameof(cryptoPolicy));
            }

            FactoryConfiguration.CheckPolicy(cryptoPolicy, nameof(cryptoPolicy));
            configuration.Policy = cryptoPolicy;
            return this;
        }

        public SessionFactory.IBuildStep WithStaticKeyManagementService(string staticMasterKey)
        {
            if (staticMasterKey == null)
            {
                throw new ArgumentNullException(nameof(staticMasterKey));
            }

            int size = RequireUnicode(staticMasterKey, nameof(staticMasterKey));
            if (size != FactoryConfiguration.StaticKeySize)
            {
                throw new ArgumentException(
                    "The static master key must be " + FactoryConfiguration.StaticKeySize + " bytes as UTF-8; it is " +
                    size + ".",
                    nameof(staticMasterKey));
            }

            configuration.StaticKey = staticMasterKey;
            return this;
        }

        public SessionFactory Build()
        {
            NativeLoader.EnsureLoaded();
            AppContext.TryGetSwitch("GoDaddy.Asherah.AllowEmptyPartition", out bool allowEmptyPartition);
            configuration.AllowEmptyPartition = allowEmptyPartition;
            using (var json = new SecretBuffer(1024))
            {
                configuration.Write(json);
                if (json.Length > MaxConfiguration)
                {
                    throw new ArgumentException("The configuration is longer than 1 MiB.");
                }

                SafeFactoryHandle handle = Native.asherah_factory_new_with_config(json.Data);
                if (handle.IsInvalid)
                {
                    throw NativeError.FromLastError();
                }

                return new SessionFactory(handle, allowEmptyPartition);
            }
        }

        private static string RequireName(string name, string paramName)
        {
            if (name == null)
            {
                throw new ArgumentNullException(paramName);
            }

            if (name.Length == 0)
            {
                throw new ArgumentException("It is empty.", paramName);
            }

            RequireUnicode(name, paramName);
            return name;
        }

        private static int RequireUnicode(string text, string paramName)
        {
            return Utf8.GetByteCount(text, 0, text.Length, paramName);
        }
    }
}
