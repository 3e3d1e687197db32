#pragma warning disable
using System;
using System.Text.Json.Serialization;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    public class KeyManagementServiceOptions
    {
        [JsonPropertyName("regionKeyArns")] public System.Collections.Generic.List<GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms.RegionKeyArn> RegionKeyArns { get { throw null; } set { throw null; } }
        public KeyManagementServiceOptions() { throw null; }
    }
}
