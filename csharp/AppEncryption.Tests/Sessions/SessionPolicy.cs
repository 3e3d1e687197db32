using System;
using GoDaddy.Asherah.Crypto;

namespace GoDaddy.Asherah.AppEncryption.Tests.Sessions
{
    /// <summary>A policy whose words on sessions change.</summary>
    internal sealed class SessionPolicy : NeverExpiredCryptoPolicy
    {
        internal bool Caches { get; set; } = true;

        internal long MaxSize { get; set; } = 1000;

        internal Func<long> ExpireMillis { get; set; } = () => 100;

        public override bool CanCacheSessions()
        {
            return Caches;
        }

        public override long GetSessionCacheMaxSize()
        {
            return MaxSize;
        }

        public override long GetSessionCacheExpireMillis()
        {
            return ExpireMillis();
        }
    }
}
