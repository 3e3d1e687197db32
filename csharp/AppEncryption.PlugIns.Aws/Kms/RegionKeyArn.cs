using System.Text.Json.Serialization;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    /// <summary>A region of AWS and the key in it.</summary>
    public class RegionKeyArn
    {
        /// <summary>Makes an empty one.</summary>
        public RegionKeyArn()
        {
        }

        /// <summary>Gets or sets the name of the region, such as us-west-2.</summary>
        [JsonPropertyName("region")]
        public string Region { get; set; } = string.Empty;

        /// <summary>Gets or sets the ARN of the key.</summary>
        [JsonPropertyName("keyArn")]
        public string KeyArn { get; set; } = string.Empty;
    }
}
