using System;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// Which engine the factories of the builder run on: the native library, unless this process has chosen managed code
    /// by the environment variable or the <c>AppContext</c> switch.
    /// </summary>
    internal static class EngineChoice
    {
        /// <summary>The <c>AppContext</c> switch: true is managed, false is native.</summary>
        internal const string Switch = ManagedEngine.Switch;

        /// <summary>The environment variable: <c>managed</c> or <c>native</c>.</summary>
        internal const string Variable = ManagedEngine.Variable;

        /// <summary>Says whether factories of the builder run on managed code, read anew for each.</summary>
        /// <exception cref="InvalidOperationException">The variable has another value.</exception>
        internal static bool IsManaged()
        {
            return ManagedEngine.IsChosen();
        }
    }
}
