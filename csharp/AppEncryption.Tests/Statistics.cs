using System;
using GoDaddy.Asherah.PlatformNative.Interop;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>What asherah_stats says.</summary>
    internal static unsafe class Statistics
    {
        internal static JObject Read()
        {
            Native.AsherahBuffer buffer = default;
            Assert.Equal(Status.Ok, Native.asherah_stats(&buffer));
            try
            {
                return JObject.Parse(TestSetup.Text(new Span<byte>(buffer.Data, (int)buffer.Len).ToArray()));
            }
            finally
            {
                Native.asherah_buffer_free(&buffer);
                Assert.True(buffer.Data == null);
            }
        }

        internal static long OpenSessions()
        {
            return (long)Read()["handles"]["sessions"];
        }

        internal static long OpenFactories()
        {
            return (long)Read()["handles"]["factories"];
        }

        internal static long LiveSecrets()
        {
            return (long)Read()["live_secrets"];
        }
    }
}
