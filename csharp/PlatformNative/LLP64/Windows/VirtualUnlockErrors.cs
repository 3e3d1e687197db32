#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows
{
    public enum VirtualUnlockErrors : int
    {
        ERROR_NOT_LOCKED = 158,
    }
}
