using System;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.AppEncryption.Util;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.PlatformNative.Interop;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>The steps of <see cref="SessionFactory.NewBuilder"/>, each checking what it is given at once.</summary>
    internal sealed class SessionFactoryBuilder :
        SessionFactory.IMetastoreStep,
        SessionFactory.ICryptoPolicyStep,
        SessionFactory.IKeyManagementServiceStep,
        SessionFactory.IBuildStep
    {
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

        public SessionFactory.ICryptoPolicyStep WithMetastore(IMetastore<JObject> metastore)
        {
            configuration.Metastore = metastore ?? throw new ArgumentNullException(nameof(metastore));
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
            configuration.Policy = cryptoPolicy ?? throw new ArgumentNullException(nameof(cryptoPolicy));
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

        public SessionFactory.IBuildStep WithKeyManagementService(IKeyManagementService keyManagementService)
        {
            configuration.Kms = keyManagementService ?? throw new ArgumentNullException(nameof(keyManagementService));
            return this;
        }

        public SessionFactory.IBuildStep WithMetrics(IMetrics metrics)
        {
            configuration.Metrics = metrics;
            return this;
        }

        public SessionFactory.IBuildStep WithLogger(ILogger logger)
        {
            configuration.Logger = logger;
            return this;
        }

        public SessionFactory Build()
        {
            if (configuration.Metrics != null)
            {
                MetricsUtil.SetMetricsInstance(configuration.Metrics);
            }

            IAppEncryptionCore core = EngineChoice.IsManaged()
                ? new ObservedCore(ManagedCore.Create(configuration), configuration.Metrics)
                : (IAppEncryptionCore)NativeCore.Create(configuration);
            return new SessionFactory(core, configuration.Policy, configuration.Logger);
        }

        internal static string RequireName(string name, string paramName)
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
