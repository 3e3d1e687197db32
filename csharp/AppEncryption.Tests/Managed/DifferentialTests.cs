using System;
using System.Globalization;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>Native and managed engine agree on random histories: 500, or 20 000 where ASHERAH_LONG is 1. A failure
    /// tells its seed, with which ASHERAH_SEED runs that history alone.</summary>
    public sealed class DifferentialTests
    {
        [Fact]
        public void BothEnginesAgree()
        {
            string seed = Environment.GetEnvironmentVariable("ASHERAH_SEED");
            if (!string.IsNullOrEmpty(seed))
            {
                Differential.Run(int.Parse(seed, CultureInfo.InvariantCulture));
                return;
            }

            int histories = Environment.GetEnvironmentVariable("ASHERAH_LONG") == "1" ? 20_000 : 500;
            int first = Environment.TickCount & 0x3fffffff;
            for (int i = 0; i < histories; i++)
            {
                Differential.Run(first + i);
            }
        }
    }
}
