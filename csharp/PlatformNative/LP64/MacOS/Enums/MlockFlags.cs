#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LP64.MacOS.Enums
{
    [Flags()] public enum MlockFlags : int
    {
        MCL_CURRENT = 1,
        MCL_FUTURE = 2,
    }
}
