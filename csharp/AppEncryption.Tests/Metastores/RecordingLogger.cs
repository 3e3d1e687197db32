using System.Collections.Generic;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>Keeps the lines that it is given.</summary>
    internal sealed class RecordingLogger : TestLogger
    {
        private readonly List<string> lines = new List<string>();

        internal IReadOnlyList<string> Lines => lines;

        protected override void Keep(Line line)
        {
            lock (lines)
            {
                lines.Add(line.Level + ": " + line.Text);
            }
        }
    }
}
