using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>A logger that takes every line; what it keeps of them is its own affair.</summary>
    internal abstract class TestLogger : ILogger
    {
        public IDisposable BeginScope<TState>(TState state)
        {
            return null;
        }

        public virtual bool IsEnabled(LogLevel logLevel)
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
            var values = state as IEnumerable<KeyValuePair<string, object>>;
            Keep(new Line(
                logLevel,
                eventId,
                (string)values?.FirstOrDefault(pair => pair.Key == "{OriginalFormat}").Value,
                values?.ToDictionary(pair => pair.Key, pair => pair.Value),
                formatter(state, exception),
                exception));
        }

        /// <summary>Keeps a line, on the thread that logs it.</summary>
        protected abstract void Keep(Line line);

        /// <summary>A line. Template and values are null if it has none.</summary>
        internal sealed record Line(
            LogLevel Level,
            EventId Event,
            string Template,
            Dictionary<string, object> Values,
            string Text,
            Exception Exception);
    }
}
