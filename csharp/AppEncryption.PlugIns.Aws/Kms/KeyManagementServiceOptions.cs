using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    /// <summary>The regions of a <see cref="KeyManagementService"/>.</summary>
    public class KeyManagementServiceOptions
    {
        /// <summary>Makes options without regions.</summary>
        public KeyManagementServiceOptions()
        {
        }

        /// <summary>Gets or sets the regions, in the order in which they are asked.</summary>
        [JsonPropertyName("regionKeyArns")]
        public List<RegionKeyArn> RegionKeyArns { get; set; } = new List<RegionKeyArn>();
    }
}
