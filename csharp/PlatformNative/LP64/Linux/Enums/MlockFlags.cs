#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums
{
    [Flags()] public enum MlockFlags : int
    {
        MCL_CURRENT = 1,
        MCL_FUTURE = 2,
        MCL_ONFAULT = 4,
    }
}
