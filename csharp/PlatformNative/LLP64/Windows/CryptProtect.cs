#pragma warning disable
using System;

namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows
{
    public static class CryptProtect
    {
        public const ulong BLOCKSIZE = 16;
    }
}
