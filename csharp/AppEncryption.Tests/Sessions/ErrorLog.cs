using System;
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests.Sessions
{
    /// <summary>Keeps what is logged as an error.</summary>
    internal sealed class ErrorLog : ILogger
    {
        internal ConcurrentQueue<(string Message, Exception Exception)> Errors { get; } = new();

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
            if (logLevel == LogLevel.Error)
            {
                Errors.Enqueue((formatter(state, exception), exception));
            }
        }
    }
}
