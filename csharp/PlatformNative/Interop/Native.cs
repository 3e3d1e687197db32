namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>
    /// The functions of include/asherah.h that this assembly calls, one file per part of the header. Names, order and
    /// types are the header's; a test compares them. Every type is blittable: nothing is converted on the way, strings
    /// are UTF-8 bytes with a length, or with a NUL where the header says so.
    /// </summary>
    internal static partial class Native
    {
        /// <summary>Finds libasherah.so, libasherah.dylib or asherah.dll.</summary>
        internal const string Library = "asherah";
    }
}
