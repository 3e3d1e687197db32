using System;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>The <see cref="AppContext"/> switches of this assembly, all off by default, read when a factory or
    /// a key management service is made.</summary>
    internal static class Switches
    {
        /// <summary>Allows the empty partition, for data that was written under it.</summary>
        internal const string AllowEmptyPartition = "GoDaddy.Asherah.AllowEmptyPartition";

        /// <summary>Lets regions of AWS KMS open what other keys than the configured ones have wrapped: KmsAnyKey of
        /// docs/aws-kms.md.</summary>
        internal const string KmsAnyKey = "GoDaddy.Asherah.KmsAnyKey";

        /// <summary>Reads records as canonical Asherah does, see <see cref="TolerantRecord"/>.</summary>
        internal const string TolerantRecords = "GoDaddy.Asherah.TolerantRecords";

        /// <summary>Says whether a switch is on.</summary>
        internal static bool IsOn(string name)
        {
            return AppContext.TryGetSwitch(name, out bool on) && on;
        }
    }
}
