using System;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// Which engine the factories of the builder run on: the native library, unless this process has chosen managed code
    /// by the <c>AppContext</c> switch or, before that, the environment variable. Never chosen by what happens to load.
    /// </summary>
    internal static class EngineChoice
    {
        /// <summary>The <c>AppContext</c> switch: true is managed, false is native.</summary>
        internal const string Switch = "GoDaddy.Asherah.ManagedEngine";

        /// <summary>The environment variable: <c>managed</c> or <c>native</c>.</summary>
        internal const string Variable = "ASHERAH_ENGINE";

        /// <summary>Says whether factories of the builder run on managed code, read anew for each.</summary>
        /// <exception cref="InvalidOperationException">The variable has another value.</exception>
        internal static bool IsManaged()
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
