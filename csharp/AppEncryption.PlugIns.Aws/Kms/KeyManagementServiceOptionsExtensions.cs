using System;
using System.Linq;

namespace GoDaddy.Asherah.AppEncryption.PlugIns.Aws.Kms
{
    /// <summary>Changes to <see cref="KeyManagementServiceOptions"/>.</summary>
    public static class KeyManagementServiceOptionsExtensions
    {
        /// <summary>Returns options with the same regions in another order; the given ones stay as they are.</summary>
        /// <param name="options">The regions.</param>
        /// <param name="priorityRegions">The regions to be asked first, in this order; null, empty and unknown names
        /// have no effect, and case does not matter. Of a name that is there twice the last place counts. All others
        /// follow in the order that they have.</param>
        /// <returns>New options.</returns>
        /// <exception cref="ArgumentNullException">One of the arguments is null.</exception>
        public static KeyManagementServiceOptions OptimizeByRegions(
            this KeyManagementServiceOptions options, params string[] priorityRegions)
        {
            if (options == null)
            {
                throw new ArgumentNullException(nameof(options));
            }

            if (priorityRegions == null)
            {
                throw new ArgumentNullException(nameof(priorityRegions));
            }

            int Place(RegionKeyArn region)
            {
                int place = string.IsNullOrEmpty(region.Region)
                    ? -1
                    : Array.FindLastIndex(
                        priorityRegions,
                        name => string.Equals(name, region.Region, StringComparison.OrdinalIgnoreCase));
                return place < 0 ? int.MaxValue : place;
            }

            // The sort is stable.
            return new KeyManagementServiceOptions { RegionKeyArns = options.RegionKeyArns.OrderBy(Place).ToList() };
        }
    }
}
