using System;

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>
    /// Whether this process has chosen managed code, by the environment variable or, where that is not set, by the
    /// <c>AppContext</c> switch. Never chosen by what happens to load.
    /// </summary>
    internal static class ManagedEngine
    {
        /// <summary>The <c>AppContext</c> switch: true is managed, false is native.</summary>
        internal const string Switch = "GoDaddy.Asherah.ManagedEngine";

        /// <summary>The environment variable: <c>managed</c> or <c>native</c>.</summary>
        internal const string Variable = "ASHERAH_ENGINE";

        /// <summary>Says whether managed code is chosen, read anew at each call.</summary>
        /// <exception cref="InvalidOperationException">The variable has another value.</exception>
        internal static bool IsChosen()
        {
            string named = Environment.GetEnvironmentVariable(Variable);
            switch (named)
            {
                case "managed":
                    return true;
                case "native":
                    return false;
                case null:
                case "":
                    return AppContext.TryGetSwitch(Switch, out bool managed) && managed;
                default:
                    throw new InvalidOperationException(
                        "The environment variable " + Variable + " must be managed or native, or not set; it is \"" +
                        named + "\".");
            }
        }
    }
}
