using System.Diagnostics;

namespace Storm;

/// <summary>Whether the process stays as large as it was once it had warmed up.</summary>
internal sealed class Footprint
{
    // What a warm process may still add, in bytes: heaps grow in steps.
    private const long Slack = 64 << 20;

    private readonly List<long> _samples = [];
    private readonly Stopwatch _since = new();

    /// <summary>Notes the size, once a second at most.</summary>
    public void Sample()
    {
        if (_since.IsRunning && _since.ElapsedMilliseconds < 1000)
            return;
        _since.Restart();
        using Process process = Process.GetCurrentProcess();
        _samples.Add(process.WorkingSet64);
    }

    /// <summary>Compares the median of the second quarter of the time with that of the last.</summary>
    public (bool Flat, string Text) Judge()
    {
        if (_samples.Count < 16)
            return (false, "too few samples of the memory");
        int size = _samples.Count / 4;
        long[] quarters = [.. Enumerable.Range(0, 4).Select(i => Median(_samples.GetRange(i * size, size)))];
        return (quarters[3] <= quarters[1] + quarters[1] / 10 + Slack,
            $"memory {string.Join(", ", quarters.Select(bytes => bytes >> 20))} MiB, quarter by quarter");
    }

    private static long Median(List<long> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
