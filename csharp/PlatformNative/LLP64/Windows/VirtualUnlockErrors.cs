namespace GoDaddy.Asherah.PlatformNative.LLP64.Windows
{
    /// <summary>Error codes of VirtualUnlock.</summary>
    public enum VirtualUnlockErrors
    {
        /// <summary>The pages are not locked.</summary>
        ERROR_NOT_LOCKED = 158,
    }
}
