using System;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>A key management service of this assembly that may be one of the native library's.</summary>
    internal interface INativeKms
    {
        /// <summary>Gets its handle, which it owns; null if it works through callbacks, as one does whose members are
        /// overridden or that runs on a managed client.</summary>
        SafeKmsHandle NativeHandle { get; }

        /// <summary>Makes the exception of a session's call that failed, whatever it failed of.</summary>
        /// <param name="status">The status of the call.</param>
        /// <param name="error">The usual exception for it, returned unless this service has words of its own.</param>
        Exception Explain(int status, Exception error);
    }
}
