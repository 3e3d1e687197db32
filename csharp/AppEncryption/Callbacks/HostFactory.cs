using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.PlatformNative.Interop;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Callbacks
{
    /// <summary>Factories of the library on parts that are objects.</summary>
    internal static unsafe class HostFactory
    {
        /// <summary>Makes a factory.</summary>
        /// <param name="json">The configuration, NUL-terminated UTF-8.</param>
        /// <param name="metastore">The metastore; null if the configuration says it.</param>
        /// <param name="service">The key management service; null if the configuration says it.</param>
        /// <param name="policy">The policy, which the configuration holds unless it is one that
        /// <see cref="HostPolicy.IsAsked"/>.</param>
        internal static SafeFactoryHandle Open(
            byte* json, IMetastore<JObject> metastore, IKeyManagementService service, CryptoPolicy policy)
        {
            using (SafeMetastoreHandle metastoreHandle =
                metastore == null ? new SafeMetastoreHandle() : HostMetastore.Open(metastore))
            using (SafeKmsHandle kmsHandle = service == null ? new SafeKmsHandle() : HostKms.Open(service))
            {
                bool asked = HostPolicy.IsAsked(policy);
                Native.AsherahPolicyCallbacks decisions = default;
                if (asked)
                {
                    HostPolicy.Fill(&decisions, policy);
                }

                SafeFactoryHandle factory = Native.asherah_factory_new(
                    json, metastoreHandle, kmsHandle, asked ? &decisions : null);
                if (!factory.IsInvalid)
                {
                    return factory;
                }

                if (asked)
                {
                    HostPolicy.Abandon(&decisions);
                }

                throw NativeError.FromLastError();
            }
        }
    }
}
