using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>A logger that keeps its lines as "level number template".</summary>
    internal sealed class KeptLines : ILogger
    {
        internal List<string> Lines { get; } = new List<string>();

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
            var values = (IEnumerable<KeyValuePair<string, object>>)state;
            string line = logLevel + " " + eventId.Id + " " +
                values.Single(v => v.Key == "{OriginalFormat}").Value;
            string region = (string)values.FirstOrDefault(v => v.Key == "Region").Value;
            lock (Lines)
            {
                Lines.Add(region == null ? line : line + " | " + region);
            }
        }
    }
}
