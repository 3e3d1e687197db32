using System.Runtime.CompilerServices;

namespace Storm;

/// <summary>Faults that CoreCLR turns from signals into exceptions, and work without a poll for collections.</summary>
internal static class Faults
{
    private static readonly string?[] s_nothing = new string?[1];
    private static readonly int[] s_zero = new int[1];
    private static long s_nullReferences, s_divisions;

    public static long NullReferences => Interlocked.Read(ref s_nullReferences);

    public static long Divisions => Interlocked.Read(ref s_divisions);

    public static void NullReference() =>
        Throwing<NullReferenceException>(ref s_nullReferences, 0, () => s_nothing[0]!.Length);

    public static void DivideByZero() =>
        Throwing<DivideByZeroException>(ref s_divisions, 0, () => 1 / s_zero[0]);

    /// <summary>Both faults at the bottom of a deep recursion, caught at the top.</summary>
    public static void Deep(int depth)
    {
        Throwing<NullReferenceException>(ref s_nullReferences, depth, () => s_nothing[0]!.Length);
        Throwing<DivideByZeroException>(ref s_divisions, depth, () => 1 / s_zero[0]);
    }

    private static void Throwing<T>(ref long counter, int depth, Func<int> fault)
        where T : Exception
    {
        try
        {
            Descend(depth, fault);
        }
        catch (T)
        {
            Interlocked.Increment(ref counter);
            return;
        }
        throw new InvalidOperationException($"no {typeof(T).Name}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Descend(int depth, Func<int> fault)
    {
        Span<long> frame = stackalloc long[16];
        frame[depth & 15] = depth;
        int below = depth == 0 ? fault() : Descend(depth - 1, fault);
        return below + (int)frame[(depth + 1) & 15];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Garbage(int pieces)
    {
        for (int i = 0; i < pieces; i++)
            GC.KeepAlive(new byte[1024]);
    }

    /// <summary>A loop in which the JIT puts no poll: only a signal can stop the thread for a collection.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static ulong Compute(int rounds)
    {
        ulong x = 88172645463325252;
        for (int i = 0; i < rounds; i++)
        {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
        }
        return x;
    }
}
