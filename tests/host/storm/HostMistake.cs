namespace Storm;

/// <summary>What callbacks of the host throw at random.</summary>
internal sealed class HostMistake() : Exception("thrown by the host")
{
    private static long s_thrown, s_seen;

    public static long Thrown => Interlocked.Read(ref s_thrown);

    /// <summary>How many came back to callers.</summary>
    public static long Seen => Interlocked.Read(ref s_seen);

    /// <summary>Once in many times.</summary>
    public static void AtRandom()
    {
        if (Random.Shared.Next(12) == 0)
        {
            Interlocked.Increment(ref s_thrown);
            throw new HostMistake();
        }
    }

    /// <summary>Does something that may meet a mistake, itself or as the cause of what is thrown.</summary>
    public static void Expect(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (IsCause(e))
        {
            Interlocked.Increment(ref s_seen);
        }
    }

    private static bool IsCause(Exception? e)
    {
        while (e is not null and not HostMistake)
            e = e.InnerException;
        return e is not null;
    }
}
