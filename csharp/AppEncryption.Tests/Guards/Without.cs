#if ASHERAH_GUARDS
using System;
using GoDaddy.Asherah.AppEncryption.Engines;

namespace GoDaddy.Asherah.AppEncryption.Tests.Guards
{
    /// <summary>A guard that is gone for a while.</summary>
    internal sealed class Without : IDisposable
    {
        private Without(Guarded guard)
        {
            Guard.Removed = guard;
        }

        public void Dispose()
        {
            Guard.Removed = Guarded.None;
            Guard.Meeting = null;
        }

        /// <summary>Takes a guard away unless it is to hold.</summary>
        internal static Without Unless(bool holds, Guarded guard)
        {
            return new Without(holds ? Guarded.None : guard);
        }
    }
}
#endif
