using System.Collections.Generic;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>A logger that keeps its lines as "level number template".</summary>
    internal sealed class KeptLines : TestLogger
    {
        internal List<string> Lines { get; } = new List<string>();

        protected override void Keep(Line line)
        {
            string text = line.Level + " " + line.Event.Id + " " + line.Template;
            string region = line.Values.TryGetValue("Region", out object value) ? (string)value : null;
            lock (Lines)
            {
                Lines.Add(region == null ? text : text + " | " + region);
            }
        }
    }
}
