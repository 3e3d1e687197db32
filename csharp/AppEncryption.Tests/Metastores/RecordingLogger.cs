using System;
using System.Collections.Generic;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>Keeps the lines that it is given.</summary>
    internal sealed class RecordingLogger : ILogger
    {
        private readonly List<string> lines = new List<string>();

        internal IReadOnlyList<string> Lines => lines;

        public IDisposable BeginScope<TState>(TState state)
        {
            return null;
        }

        public bool IsEnabled(LogLevel logLevel)
        {
            return true;
        }

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception exception,
            Func<TState, Exception, string> formatter)
        {
            lock (lines)
            {
                lines.Add(logLevel + ": " + formatter(state, exception));
            }
        }
    }
}
