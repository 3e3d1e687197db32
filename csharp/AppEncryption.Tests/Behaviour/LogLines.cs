using System.Collections.Generic;
using System.Linq;
using Microsoft.Extensions.Logging;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>A logger that keeps the templates of its lines.</summary>
    internal sealed class LogLines : TestLogger
    {
        private readonly List<(LogLevel Level, EventId Event, string Template)> lines =
            new List<(LogLevel Level, EventId Event, string Template)>();

        internal IReadOnlyList<(LogLevel Level, EventId Event, string Template)> All
        {
            get
            {
                lock (lines)
                {
                    return lines.ToArray();
                }
            }
        }

        protected override void Keep(Line line)
        {
            lock (lines)
            {
                lines.Add((line.Level, line.Event, line.Template ?? line.Text));
            }
        }

        /// <summary>Returns the level of the lines of a template, which must be there and have one.</summary>
        internal LogLevel LevelOf(string template)
        {
            LogLevel[] levels = All.Where(line => line.Template == template).Select(line => line.Level).Distinct()
                .ToArray();
            Assert.True(
                levels.Length == 1,
                "Lines \"" + template + "\": " + levels.Length + " levels. There are:\n" +
                string.Join("\n", All.Select(line => line.Template).Distinct()));
            return levels[0];
        }
    }
}
