namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows
{
    /// <summary>Numbers of CryptProtectMemory.</summary>
    public static class CryptProtect
    {
        /// <summary>Lengths are multiples of this number of bytes.</summary>
        public const ulong BLOCKSIZE = 16;
    }
}
