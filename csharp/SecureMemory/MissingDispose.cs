using System;
using System.Diagnostics;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>
    /// Reports a secret that was left to the finaliser. It never throws there, as canonical Asherah does: that would
    /// end the process.
    /// </summary>
    internal sealed class MissingDispose
    {
        private readonly string creation;

        internal MissingDispose(SecretSettings settings)
        {
            creation = settings.RecordCreation ? Environment.NewLine + Environment.StackTrace : string.Empty;
        }

        ~MissingDispose()
        {
            Trace.TraceWarning("A secret was not disposed of; it is freed all the same." + creation);
        }

        /// <summary>Returns what reports a new secret, or null where that is not wanted.</summary>
        internal static MissingDispose Watch(SecretSettings settings)
        {
            return settings.ReportMissingDispose ? new MissingDispose(settings) : null;
        }
    }
}
