using System;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>The engines, which must not be told apart by what they do.</summary>
    internal static class Engine
    {
        internal const string Native = "native";
        internal const string Managed = "managed";

        internal static TheoryData<string> Both => new TheoryData<string> { Native, Managed };

        /// <summary>Builds on an engine; what is not given is the memory, keys that never expire, a static
        /// key.</summary>
        internal static SessionFactory Build(
            string engine,
            IMetastore<JObject> metastore = null,
            CryptoPolicy policy = null,
            IKeyManagementService kms = null,
            ILogger logger = null)
        {
            SessionFactory.IMetastoreStep start = SessionFactory.NewBuilder("product", "service");
            SessionFactory.IKeyManagementServiceStep keys =
                (metastore == null ? start.WithInMemoryMetastore() : start.WithMetastore(metastore))
                .WithCryptoPolicy(policy ?? new NeverExpiredCryptoPolicy());
            SessionFactory.IBuildStep last = kms == null
                ? keys.WithStaticKeyManagementService(TestSetup.Key)
                : keys.WithKeyManagementService(kms);
            return Build(engine, logger == null ? last : last.WithLogger(logger));
        }

        internal static SessionFactory Build(string engine, SessionFactory.IBuildStep step)
        {
            using (Choose(engine))
            {
                return step.Build();
            }
        }

        /// <summary>Has factories built on an engine until it is disposed.</summary>
        internal static IDisposable Choose(string engine)
        {
            return new SwitchScope("GoDaddy.Asherah.ManagedEngine", engine == Managed);
        }
    }
}
