using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Storm;

/// <summary>What runs when a library calls back: garbage and faults, as host code may have.</summary>
internal static class Callbacks
{
    private static long s_count;

    public static long Count => Interlocked.Read(ref s_count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void OnCall(nint userData) => Visit();

    public static void Visit()
    {
        long count = Interlocked.Increment(ref s_count);
        Faults.Garbage(4);
        if (count % 64 == 0)
            Faults.NullReference();
        else if (count % 64 == 32)
            Faults.DivideByZero();
    }
}
