using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>A metastore of this assembly that may be one of the native library's.</summary>
    internal interface INativeMetastore
    {
        /// <summary>Gets its handle, which it owns; null if it works through callbacks, as one does whose members are
        /// overridden or that runs on a managed client.</summary>
        SafeMetastoreHandle NativeHandle { get; }
    }
}
