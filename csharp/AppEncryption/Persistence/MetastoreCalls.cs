using System;
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.Crypto.Exceptions;
using LanguageExt;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>The methods of a metastore over its store: arguments are checked, failures logged.</summary>
    internal sealed class MetastoreCalls
    {
        private readonly string timer;

        internal MetastoreCalls(IKeyStore store, ILogger logger, string timer)
        {
            KeyStore = store;
            Logger = logger;
            this.timer = timer;
        }

        internal ILogger Logger { get; }

        internal IKeyStore KeyStore { get; }

        internal Option<JObject> Load(string keyId, DateTimeOffset created)
        {
            Require(keyId, nameof(keyId));
            long start = Timers.Begin();
            try
            {
                return Prelude.Optional(KeyStore.Load(keyId, created));
            }
            catch (Exception e)
            {
                Logger?.LogError(e, "Metastore error");
                throw;
            }
            finally
            {
                Timers.End(timer, "load", start);
            }
        }

        internal Option<JObject> LoadLatest(string keyId)
        {
            Require(keyId, nameof(keyId));
            long start = Timers.Begin();
            try
            {
                return Prelude.Optional(KeyStore.LoadLatest(keyId));
            }
            catch (Exception e)
            {
                Logger?.LogError(e, "Metastore error");
                throw;
            }
            finally
            {
                Timers.End(timer, "loadlatest", start);
            }
        }

        internal bool Store(string keyId, DateTimeOffset created, JObject value)
        {
            Require(keyId, nameof(keyId));
            Require(value, nameof(value));
            long start = Timers.Begin();
            try
            {
                if (KeyStore.Store(keyId, created, value))
                {
                    return true;
                }
            }
            catch (Exception e)
            {
                Logger?.LogError(e, "Metastore error during store");
                throw;
            }
            finally
            {
                Timers.End(timer, "store", start);
            }

            Logger?.LogInformation("Attempted to create duplicate key: {KeyId} {Created}", keyId, created);
            return false;
        }

        /// <summary>The failure of a client or provider. Its own words may name hosts, accounts or rows, and stay with
        /// the inner exception.</summary>
        internal static AppEncryptionException Failure(string doing, Exception e)
        {
            return new AppEncryptionException("Metastore error: " + doing + " failed: " + e.GetType().Name, e);
        }

        private static void Require(object argument, string paramName)
        {
            if (argument == null)
            {
                throw new ArgumentNullException(paramName);
            }
        }
    }
}
