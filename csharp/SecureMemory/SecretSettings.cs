using System;
using Microsoft.Extensions.Configuration;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>What a configuration says about secrets.</summary>
    internal sealed class SecretSettings
    {
        private const StringComparison IgnoreCase = StringComparison.OrdinalIgnoreCase;

        internal SecretSettings(IConfiguration configuration)
        {
            string engine = configuration?["secureHeapEngine"];
            bool known = string.IsNullOrWhiteSpace(engine) || engine.Equals("mmap", IgnoreCase) ||
                engine.Equals("openssl11", IgnoreCase);
            if (!known)
            {
                throw new PlatformNotSupportedException(
                    "The setting secureHeapEngine is \"" + engine + "\"; it must be mmap or openssl11.");
            }

            string mlock = configuration?["mlock"];
            Unlocked = !string.IsNullOrWhiteSpace(mlock);
            if (Unlocked && !mlock.Equals("disabled", IgnoreCase))
            {
                throw new SecureMemoryException(
                    "The setting mlock is \"" + mlock + "\"; it must be disabled, or not set.");
            }

            ReportMissingDispose = configuration?["requireSecretDisposal"] == "true";
            RecordCreation = configuration?["debugSecrets"] == "true";
        }

        /// <summary>Gets a value indicating whether pages are left unlocked.</summary>
        internal bool Unlocked { get; }

        /// <summary>Gets a value indicating whether secrets that were never disposed of are reported.</summary>
        internal bool ReportMissingDispose { get; }

        /// <summary>Gets a value indicating whether the report says where they were made.</summary>
        internal bool RecordCreation { get; }
    }
}
