using System;

namespace GoDaddy.Asherah.Crypto.ExtensionMethods
{
    /// <summary>Rounding of times.</summary>
    public static class DateTimeOffsetExtensions
    {
        /// <summary>Rounds a time down to a multiple of a time span.</summary>
        /// <param name="dateTimeOffset">The time; <see cref="DateTimeOffset.MinValue"/> and
        /// <see cref="DateTimeOffset.MaxValue"/> are left as they are.</param>
        /// <param name="timeSpan">The time span; zero leaves every time as it is.</param>
        /// <returns>The rounded time, with the same offset.</returns>
        public static DateTimeOffset Truncate(this DateTimeOffset dateTimeOffset, TimeSpan timeSpan)
        {
            bool exact = timeSpan == TimeSpan.Zero || dateTimeOffset == DateTimeOffset.MinValue ||
                dateTimeOffset == DateTimeOffset.MaxValue;
            return exact ? dateTimeOffset : dateTimeOffset.AddTicks(-(dateTimeOffset.Ticks % timeSpan.Ticks));
        }
    }
}
