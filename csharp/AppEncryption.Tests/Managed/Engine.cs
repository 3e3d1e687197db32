using System;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Keys;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>Factories of one engine or the other on the same parts.</summary>
    internal static class Engine
    {
        internal static SessionFactory New(
            bool managed,
            IMetastore<JObject> metastore,
            CryptoPolicy policy,
            IKeyManagementService kms,
            string product = "product",
            string service = "service",
            ILogger logger = null)
        {
            return managed
                ? new SessionFactory(
                    product,
                    service,
                    metastore,
                    new SecureCryptoKeyDictionary<DateTimeOffset>(policy.GetRevokeCheckPeriodMillis()),
                    policy,
                    kms,
                    logger)
                : SessionFactory.NewBuilder(product, service)
                    .WithMetastore(metastore)
                    .WithCryptoPolicy(policy)
                    .WithKeyManagementService(kms)
                    .WithLogger(logger)
                    .Build();
        }

        /// <summary>Returns what a call throws; null if it does not.</summary>
        internal static Exception Failure(Action call)
        {
            try
            {
                call();
                return null;
            }
            catch (Exception e)
            {
                return e;
            }
        }

        /// <summary>Returns the types of an exception and of those behind it.</summary>
        internal static string Types(Exception e)
        {
            return e == null ? "none" : e.GetType().Name + (e.InnerException == null ? "" : " <- " + Types(e.InnerException));
        }
    }
}
