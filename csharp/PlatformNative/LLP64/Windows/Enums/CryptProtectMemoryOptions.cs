#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows.Enums
{
    [Flags()] public enum CryptProtectMemoryOptions : uint
    {
        CROSS_PROCESS = 1,
        SAME_LOGON = 2,
        SAME_PROCESS = 0,
    }
}
