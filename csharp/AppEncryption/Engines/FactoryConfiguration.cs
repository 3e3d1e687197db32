using System;
using System.Collections.Generic;
using System.Globalization;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.PlatformNative.Interop;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>What the builder has collected, and its form as the configuration of the native library.</summary>
    internal sealed unsafe class FactoryConfiguration
    {
        /// <summary>Bytes of a static key.</summary>
        internal const int StaticKeySize = 32;

        // 100 years of 365 days: the native fields are numbers of seconds, know no "never", and take no more.
        private const long NeverInSeconds = 3153600000;

        private static readonly HashSet<string> OwnFields = new HashSet<string>(StringComparer.Ordinal)
        {
            "ProductID",
            "ServiceName",
            "KMS",
            "StaticMasterKey",
            "StaticMasterKeyHex",
            "ExpireAfter",
            "CheckInterval",
            "CacheSystemKeys",
            "CacheIntermediateKeys",
            "RotationStrategy",
            "NotifyExpiredSystemKeyOnRead",
            "NotifyExpiredIntermediateKeyOnRead",
            "EnableSessionCaching",
            "SessionCacheMaxSize",
            "SessionCacheDuration",
            "AllowEmptyPartition",
            "StrictConfig",
        };

        internal string ProductId { get; set; }

        internal string ServiceId { get; set; }

        /// <summary>Gets or sets the metastore; null for one of the native library's own.</summary>
        internal IMetastore<JObject> Metastore { get; set; }

        /// <summary>Gets or sets the caller's own fields, a JSON object, which name a metastore of the native library;
        /// null for memory. Not used where there is a <see cref="Metastore"/>.</summary>
        internal string NativeFields { get; set; }

        internal CryptoPolicy Policy { get; set; }

        /// <summary>Gets or sets the key management service; null for the static key.</summary>
        internal IKeyManagementService Kms { get; set; }

        /// <summary>Gets the key management service where it is one of the native library's.</summary>
        internal INativeKms NativeKms => (Kms as INativeKms)?.NativeHandle == null ? null : (INativeKms)Kms;

        /// <summary>Gets or sets the static key as the caller gave it, 32 UTF-8 bytes.</summary>
        internal string StaticKey { get; set; }

        /// <summary>Gets or sets where timers are kept, or null.</summary>
        internal IMetrics Metrics { get; set; }

        /// <summary>Gets or sets the logger, or null.</summary>
        internal ILogger Logger { get; set; }

        /// <summary>Gets a value indicating whether calls may run code of the application, which wants to run where
        /// they come from.</summary>
        internal bool CallsHost =>
            (Metastore != null && (Metastore as INativeMetastore)?.NativeHandle == null) ||
            (Kms != null && NativeKms == null) ||
            HostPolicy.IsAsked(Policy);

        /// <summary>Refuses fields that the builder sets itself and text that is no JSON object.</summary>
        internal static void CheckNativeFields(string json, string paramName)
        {
            bool namesMetastore = false;
            foreach (string name in JsonMembers.Names(json, paramName))
            {
                if (OwnFields.Contains(name))
                {
                    throw new ArgumentException(
                        "The native configuration must not have the field " + name +
                        ": the steps of the builder set it.",
                        paramName);
                }

                namesMetastore |= name == "Metastore";
            }

            if (!namesMetastore)
            {
                throw new ArgumentException("The native configuration has no field Metastore.", paramName);
            }
        }

        /// <summary>Writes the configuration, NUL-terminated, with the key in it.</summary>
        internal void Write(SecretBuffer json)
        {
            json.AddAscii("{\"StrictConfig\":true,\"ProductID\":");
            JsonMembers.AddString(json, ProductId, "productId");
            json.AddAscii(",\"ServiceName\":");
            JsonMembers.AddString(json, ServiceId, "serviceId");
            AddFlag(json, "AllowEmptyPartition", Switches.IsOn(Switches.AllowEmptyPartition));

            WritePolicy(json);
            if (Kms == null)
            {
                WriteKey(json);
            }

            if (Metastore == null)
            {
                WriteMetastore(json);
            }

            json.Add((byte)'}');
            json.Add(0);
        }

        private static void AddNumber(SecretBuffer json, string field, long value)
        {
            json.AddAscii(",\"" + field + "\":" + value.ToString(CultureInfo.InvariantCulture));
        }

        private static void AddFlag(SecretBuffer json, string field, bool value)
        {
            json.AddAscii(",\"" + field + (value ? "\":true" : "\":false"));
        }

        private void WritePolicy(SecretBuffer json)
        {
            // The sessions of this assembly have a cache of their own, which follows the policy.
            AddFlag(json, "EnableSessionCaching", false);
            if (HostPolicy.IsAsked(Policy))
            {
                return;
            }

            var basic = Policy as BasicExpiringCryptoPolicy;
            AddNumber(json, "ExpireAfter", Seconds(basic?.KeyLifetime));
            AddNumber(json, "CheckInterval", Seconds(basic?.RevokeCheckPeriod));
            AddFlag(json, "CacheSystemKeys", Policy.CanCacheSystemKeys());
            AddFlag(json, "CacheIntermediateKeys", Policy.CanCacheIntermediateKeys());
            AddFlag(json, "NotifyExpiredSystemKeyOnRead", Policy.NotifyExpiredSystemKeyOnRead());
            AddFlag(json, "NotifyExpiredIntermediateKeyOnRead", Policy.NotifyExpiredIntermediateKeyOnRead());
            json.AddAscii(
                Policy.IsQueuedKeyRotation() ? ",\"RotationStrategy\":\"queued\"" : ",\"RotationStrategy\":\"inline\"");
        }

        private static long Seconds(TimeSpan? time)
        {
            return Math.Min(NeverInSeconds, (long?)time?.TotalSeconds ?? NeverInSeconds);
        }

        private void WriteMetastore(SecretBuffer json)
        {
            if (NativeFields == null)
            {
                json.AddAscii(",\"Metastore\":\"memory\"");
                return;
            }

            // The object is spliced, not rendered anew: what it says reaches the native parser as the caller wrote it.
            json.Add((byte)',');
            int open = NativeFields.IndexOf('{');
            int close = NativeFields.LastIndexOf('}');
            json.AddUtf8(NativeFields, open + 1, close - open - 1, "json");
        }

        private void WriteKey(SecretBuffer json)
        {
            const string Digits = "0123456789abcdef";
            json.AddAscii(",\"KMS\":\"static\",\"StaticMasterKeyHex\":\"");
            byte* key = stackalloc byte[StaticKeySize];
            Utf8.GetBytes(StaticKey, 0, StaticKey.Length, key, StaticKeySize);
            byte* hex = json.Reserve(2 * StaticKeySize);
            for (int i = 0; i < StaticKeySize; i++)
            {
                hex[2 * i] = (byte)Digits[key[i] >> 4];
                hex[(2 * i) + 1] = (byte)Digits[key[i] & 15];
            }

            Memory.Wipe(key, StaticKeySize);
            json.Add((byte)'"');
        }
    }
}
