using System;
using System.Runtime.CompilerServices;
#if NET8_0_OR_GREATER
using System.Security.Cryptography;
#endif

namespace GoDaddy.Asherah.PlatformNative.Interop
{
    /// <summary>Arrays that are not cleared when made, and wiping.</summary>
    internal static unsafe class Memory
    {
        /// <summary>Returns an array whose content is to be overwritten.</summary>
        internal static byte[] NewArray(int length)
        {
#if NET8_0_OR_GREATER
            return length == 0 ? Array.Empty<byte>() : GC.AllocateUninitializedArray<byte>(length);
#else
            return length == 0 ? Array.Empty<byte>() : new byte[length];
#endif
        }

        /// <summary>Overwrites an array with zeros.</summary>
        internal static void Wipe(byte[] bytes)
        {
            fixed (byte* start = bytes)
            {
                Wipe(start, bytes.Length);
            }
        }

        /// <summary>Overwrites with zeros in a way that the compiler does not remove.</summary>
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
        internal static void Wipe(byte* bytes, int count)
        {
#if NET8_0_OR_GREATER
            CryptographicOperations.ZeroMemory(new Span<byte>(bytes, count));
#else
            for (int i = 0; i < count; i++)
            {
                bytes[i] = 0;
            }
#endif
        }
    }
}
