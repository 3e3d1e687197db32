using System;
using System.Threading;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>Waiting for what happens soon, with a bound against hanging.</summary>
    internal static class Wait
    {
        internal static void Until(Func<bool> condition, string otherwise)
        {
            long end = Environment.TickCount64 + 30_000;
            while (!condition())
            {
                Assert.True(Environment.TickCount64 < end, otherwise);
                Thread.Sleep(10);
            }
        }
    }
}
