using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests.Logging
{
    /// <summary>Keeps what is logged: level, event id, template and values.</summary>
    internal sealed class RecordingLogger : ILogger
    {
        private readonly List<Line> lines = new List<Line>();

        internal LogLevel Least { get; set; } = LogLevel.Trace;

        /// <summary>Gets or sets what is thrown in place of keeping a line.</summary>
        internal Exception Fault { get; set; }

        internal Line[] Lines
        {
            get
            {
                lock (lines)
                {
                    return lines.ToArray();
                }
            }
        }

        public IDisposable BeginScope<TState>(TState state)
        {
            return null;
        }

        public bool IsEnabled(LogLevel logLevel)
        {
            return logLevel >= Least;
        }

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception exception,
            Func<TState, Exception, string> formatter)
        {
            if (Fault != null)
            {
                throw Fault;
            }

            var values = new Dictionary<string, object>((IEnumerable<KeyValuePair<string, object>>)state);
            lock (lines)
            {
                lines.Add(new Line(
                    logLevel, eventId, (string)values["{OriginalFormat}"], values, formatter(state, exception)));
            }
        }

        internal int Count(string template)
        {
            return Lines.Count(line => line.Template == template);
        }

        internal sealed record Line(
            LogLevel Level, EventId Event, string Template, Dictionary<string, object> Values, string Text);
    }
}
