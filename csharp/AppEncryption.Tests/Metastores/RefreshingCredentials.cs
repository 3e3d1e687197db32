using System;
using System.Threading;
using Amazon.Runtime;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>Credentials that are replaced whenever they are cleared.</summary>
    internal sealed class RefreshingCredentials : RefreshingAWSCredentials
    {
        private int made;

        internal int Made => Volatile.Read(ref made);

        protected override CredentialsRefreshState GenerateNewCredentials()
        {
            int number = Interlocked.Increment(ref made);
            return new CredentialsRefreshState(
                new ImmutableCredentials("id" + number, "secret", "token"), DateTime.UtcNow.AddHours(1));
        }
    }
}
