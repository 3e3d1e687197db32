using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums
{
    /// <summary>Flags of mlockall() on Linux.</summary>
    [Flags]
    public enum MlockFlags
    {
        /// <summary>Pages mapped now are locked.</summary>
        MCL_CURRENT = 1,

        /// <summary>Pages mapped later are locked.</summary>
        MCL_FUTURE = 2,

        /// <summary>Pages are locked when they are first used.</summary>
        MCL_ONFAULT = 4,
    }
}
