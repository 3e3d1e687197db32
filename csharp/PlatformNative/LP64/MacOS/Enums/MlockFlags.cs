using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums
{
    /// <summary>Flags of mlockall() on macOS.</summary>
    [Flags]
    public enum MlockFlags
    {
        /// <summary>Pages mapped now are locked.</summary>
        MCL_CURRENT = 1,

        /// <summary>Pages mapped later are locked.</summary>
        MCL_FUTURE = 2,
    }
}
