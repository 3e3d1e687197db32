using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests.Logging
{
    /// <summary>Keeps what is logged: level, event id, template and values.</summary>
    internal sealed class RecordingLogger : TestLogger
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

        public override bool IsEnabled(LogLevel logLevel)
        {
            return logLevel >= Least;
        }

        protected override void Keep(Line line)
        {
            if (Fault != null)
            {
                throw Fault;
            }

            lock (lines)
            {
                lines.Add(line);
            }
        }

        internal int Count(string template)
        {
            return Lines.Count(line => line.Template == template);
        }
    }
}
