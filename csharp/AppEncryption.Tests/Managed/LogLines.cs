using System.Collections.Concurrent;
using System.Collections.Generic;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>A logger that keeps the templates and levels of what it is told.</summary>
    internal sealed class LogLines : TestLogger
    {
        private readonly ConcurrentQueue<string> lines = new ConcurrentQueue<string>();

        internal IReadOnlyList<string> Lines => lines.ToArray();

        protected override void Keep(Line line)
        {
            Assert.Equal(0, line.Event.Id);
            Assert.NotNull(line.Template);
            lines.Enqueue(line.Level + ": " + line.Template);
        }
    }
}
