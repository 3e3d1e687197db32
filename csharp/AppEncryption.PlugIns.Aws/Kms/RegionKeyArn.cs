#pragma warning disable
using System;
using System.Text.Json.Serialization;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    public class RegionKeyArn
    {
        [JsonPropertyName("keyArn")] public string KeyArn { get { throw null; } set { throw null; } }
        [JsonPropertyName("region")] public string Region { get { throw null; } set { throw null; } }
        public RegionKeyArn() { throw null; }
    }
}
