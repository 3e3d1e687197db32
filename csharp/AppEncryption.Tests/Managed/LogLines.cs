using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>A logger that keeps the templates and levels of what it is told.</summary>
    internal sealed class LogLines : ILogger
    {
        private readonly ConcurrentQueue<string> lines = new ConcurrentQueue<string>();

        internal IReadOnlyList<string> Lines => lines.ToArray();

        public IDisposable BeginScope<TState>(TState state)
        {
            return null;
        }

        public bool IsEnabled(LogLevel logLevel)
        {
            return true;
        }

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception exception, Func<TState, Exception, string> formatter)
        {
            Assert.Equal(0, eventId.Id);
            object template = ((IEnumerable<KeyValuePair<string, object>>)state).Single(p => p.Key == "{OriginalFormat}").Value;
            lines.Enqueue(logLevel + ": " + template);
        }
    }
}
