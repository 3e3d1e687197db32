using System;

namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums
{
    /// <summary>Who can decrypt what CryptProtectMemory has encrypted.</summary>
    [Flags]
    public enum CryptProtectMemoryOptions : uint
    {
        /// <summary>This process.</summary>
        SAME_PROCESS = 0,

        /// <summary>Any process.</summary>
        CROSS_PROCESS = 1,

        /// <summary>Processes of the same logon.</summary>
        SAME_LOGON = 2,
    }
}
