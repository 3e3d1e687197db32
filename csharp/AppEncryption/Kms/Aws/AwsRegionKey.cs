using System;

namespace GoDaddy.Asherah.AppEncryption.Kms.Aws
{
    /// <summary>A region of AWS and the key in it.</summary>
    internal sealed class AwsRegionKey
    {
        internal AwsRegionKey(string region, string arn)
        {
            Region = region;
            Arn = arn;
        }

        /// <summary>Gets the name of the region.</summary>
        internal string Region { get; }

        /// <summary>Gets what names the key: an ARN, as a rule.</summary>
        internal string Arn { get; }

        /// <summary>Says whether a name is that of the region.</summary>
        internal bool IsIn(string region)
        {
            return string.Equals(Region, region, StringComparison.OrdinalIgnoreCase);
        }
    }
}
