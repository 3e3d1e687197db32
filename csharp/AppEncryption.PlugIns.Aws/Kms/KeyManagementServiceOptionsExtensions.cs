#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    public static class KeyManagementServiceOptionsExtensions
    {
        public static GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementServiceOptions OptimizeByRegions(this GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.KeyManagementServiceOptions options, params string[] priorityRegions) { throw null; }
    }
}
