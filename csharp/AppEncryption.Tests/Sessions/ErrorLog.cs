using System;
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests.Sessions
{
    /// <summary>Keeps what is logged as an error.</summary>
    internal sealed class ErrorLog : TestLogger
    {
        internal ConcurrentQueue<(string Message, Exception Exception)> Errors { get; } = new();

        protected override void Keep(Line line)
        {
            if (line.Level == LogLevel.Error)
            {
                Errors.Enqueue((line.Text, line.Exception));
            }
        }
    }
}
