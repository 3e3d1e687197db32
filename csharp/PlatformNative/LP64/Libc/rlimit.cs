// The name is that of canonical Asherah.
#pragma warning disable CS8981
namespace GoDaddy.Asherah.PlatformNative.LP64.Libc
{
    /// <summary>The limit of a resource, laid out as the C library has it.</summary>
    public struct rlimit
    {
        /// <summary>No limit.</summary>
        public const ulong UNLIMITED = ulong.MaxValue;

        /// <summary>The limit that is in force.</summary>
        public ulong rlim_cur;

        /// <summary>What the process may raise it to.</summary>
        public ulong rlim_max;

        /// <summary>Returns a limit that allows nothing.</summary>
        /// <returns>The limit.</returns>
        public static rlimit Zero()
        {
            return default;
        }
    }
}
