using System;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>A partition, and what its session disposes in the end: the partition itself, or its place in a
    /// <see cref="SessionCache"/>.</summary>
    internal readonly struct PartitionUse
    {
        internal PartitionUse(IPartitionCore core, IDisposable use)
        {
            Core = core;
            Use = use;
        }

        internal IPartitionCore Core { get; }

        internal IDisposable Use { get; }
    }
}
