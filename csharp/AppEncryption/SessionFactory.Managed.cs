using System;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Keys;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <content>Factories wired by hand, which run on managed code.</content>
    public partial class SessionFactory
    {
        /// <summary>Makes a factory on managed code; <see cref="NewBuilder"/> makes those on the native
        /// library.</summary>
        /// <param name="productId">The product; not empty.</param>
        /// <param name="serviceId">The service; not empty.</param>
        /// <param name="metastore">Where keys are stored; not disposed.</param>
        /// <param name="systemKeyCache">A cache for this factory only; disposed when the factory and all its sessions
        /// are.</param>
        /// <param name="cryptoPolicy">How long keys live, asked at each decision.</param>
        /// <param name="keyManagementService">What wraps system keys; not disposed.</param>
        /// <exception cref="ArgumentNullException">One of them is null.</exception>
        /// <exception cref="ArgumentException">Product or service is empty or has a lone surrogate.</exception>
        public SessionFactory(
            string productId,
            string serviceId,
            IMetastore<JObject> metastore,
            SecureCryptoKeyDictionary<DateTimeOffset> systemKeyCache,
            CryptoPolicy cryptoPolicy,
            IKeyManagementService keyManagementService)
            : this(productId, serviceId, metastore, systemKeyCache, cryptoPolicy, keyManagementService, null)
        {
        }

        /// <summary>Makes a factory on managed code; <see cref="NewBuilder"/> makes those on the native
        /// library.</summary>
        /// <param name="productId">The product; not empty.</param>
        /// <param name="serviceId">The service; not empty.</param>
        /// <param name="metastore">Where keys are stored; not disposed.</param>
        /// <param name="systemKeyCache">A cache for this factory only; disposed when the factory and all its sessions
        /// are.</param>
        /// <param name="cryptoPolicy">How long keys live, asked at each decision.</param>
        /// <param name="keyManagementService">What wraps system keys; not disposed.</param>
        /// <param name="logger">The logger; null for none.</param>
        /// <exception cref="ArgumentNullException">One of the others is null.</exception>
        /// <exception cref="ArgumentException">Product or service is empty or has a lone surrogate.</exception>
        public SessionFactory(
            string productId,
            string serviceId,
            IMetastore<JObject> metastore,
            SecureCryptoKeyDictionary<DateTimeOffset> systemKeyCache,
            CryptoPolicy cryptoPolicy,
            IKeyManagementService keyManagementService,
            ILogger logger)
            : this(
                new ManagedCore(
                    SessionFactoryBuilder.RequireName(productId, nameof(productId)),
                    SessionFactoryBuilder.RequireName(serviceId, nameof(serviceId)),
                    metastore ?? throw new ArgumentNullException(nameof(metastore)),
                    systemKeyCache ?? throw new ArgumentNullException(nameof(systemKeyCache)),
                    cryptoPolicy ?? throw new ArgumentNullException(nameof(cryptoPolicy)),
                    keyManagementService ?? throw new ArgumentNullException(nameof(keyManagementService)),
                    logger),
                cryptoPolicy,
                logger)
        {
        }
    }
}
