#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.ExtensionMethods
{
    public static class DateTimeOffsetExtensions
    {
        public static System.DateTimeOffset Truncate(this System.DateTimeOffset dateTimeOffset, System.TimeSpan timeSpan) { throw null; }
    }
}
