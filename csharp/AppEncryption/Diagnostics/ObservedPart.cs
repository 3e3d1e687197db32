using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Diagnostics
{
    /// <summary>A metastore or key management service of this family, as logs and metrics see it.</summary>
    internal interface IObservedPart
    {
        /// <summary>Gets the name of its timers without prefix and method, such as <c>metastore.ado</c>.</summary>
        string TimerName { get; }

        /// <summary>Gets its logger where the library does its work and tells what comes of it; else null, since it
        /// logs by itself.</summary>
        ILogger LoggerOfNative { get; }
    }

    /// <summary>What a factory's observer knows of a part. One that was written elsewhere has neither.</summary>
    internal readonly struct ObservedPart
    {
        internal ObservedPart(object part)
        {
            var observed = part as IObservedPart;
            Timer = observed?.TimerName;
            Logger = observed?.LoggerOfNative;
        }

        /// <summary>Gets the name of its timers, or null.</summary>
        internal string Timer { get; }

        /// <summary>Gets its logger, or null.</summary>
        internal ILogger Logger { get; }
    }
}
