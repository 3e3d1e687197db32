using System.Diagnostics;

namespace Storm;

/// <summary>The storm: every thread below runs at once until the time is over, while collections follow each other
/// without a pause.</summary>
internal sealed class Weather(IReadOnlyList<IGuest> guests, TimeSpan duration, bool neverCall, bool flat)
{
    private readonly List<Thread> _threads = [];
    private readonly CancellationTokenSource _stop = new();
    private Exception? _failure;
    private long _calls, _blocks, _churned, _computed;
    private ulong _sum;

    public int Run()
    {
        if (!neverCall)
            foreach (IGuest guest in guests)
                guest.Open();
        for (int i = 0; i < 4; i++)
        {
            int seed = i;
            if (!neverCall)
                Start(Repeat(new Random(seed), Call));
            Start(Repeat(0, _ => { _sum += Faults.Compute(20_000_000); Interlocked.Increment(ref _computed); }));
        }
        for (int i = 0; i < 2; i++)
        {
            Start(Repeat(0, _ => Faults.Deep(2000)));
            Start(Repeat(0, _ => { Faults.NullReference(); Faults.DivideByZero(); Faults.Garbage(64); }));
        }
        if (!neverCall)
        {
            Start(Repeat(0, _ => { Each(g => g.Block()); Interlocked.Increment(ref _blocks); }));
            Start(Repeat(0, _ => Each(g => g.CallBack())));
            Start(Repeat(0, _ => Each(g => g.CallBack())));
        }
        Start(Repeat(new Random(99), random => Churn(random)));

        var clock = Stopwatch.StartNew();
        int before = GC.CollectionCount(0);
        var footprint = new Footprint();
        for (int i = 1; clock.Elapsed < duration && _failure is null; i++)
        {
            if (i % 256 == 0)
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            else
                GC.Collect(0);
            footprint.Sample();
        }
        int collections = GC.CollectionCount(0) - before;
        _stop.Cancel();
        foreach (Thread thread in _threads)
            thread.Join();
        if (_failure is not null)
        {
            Console.Error.WriteLine($"failed: {_failure}");
            return 1;
        }
        if (!neverCall)
            foreach (IGuest guest in guests)
                guest.Close();
        (bool isFlat, string memory) = footprint.Judge();
        Console.WriteLine(memory);
        if (flat && !isFlat)
        {
            Console.Error.WriteLine($"failed: {memory}");
            return 1;
        }
        return Report(collections);
    }

    private int Report(int collections)
    {
        var counts = new List<(string Name, long Count)>
        {
            ("collections", collections), ("computations", _computed), ("null references", Faults.NullReferences),
            ("divisions by zero", Faults.Divisions), ("threads", _churned),
        };
        if (!neverCall)
            counts.AddRange([("calls", _calls), ("blocking calls", _blocks), ("callbacks", Callbacks.Count)]);
        if (guests.OfType<PackagesLibrary>().Any())
            counts.AddRange([("mistakes", HostMistake.Thrown), ("mistakes seen", HostMistake.Seen)]);
        string text = string.Join(", ", counts.Select(c => $"{c.Count} {c.Name}"));
        // An ingredient that did not happen makes the storm prove less than it says.
        if (counts.Any(c => c.Count == 0))
        {
            Console.Error.WriteLine($"failed: something did not happen: {text}");
            return 1;
        }
        string states = neverCall ? "" : $"; state {string.Join(", ", guests.Select(g => g.State()))}";
        Console.WriteLine($"survived {duration.TotalSeconds} s on .NET {Environment.Version}, " +
            $"{(System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} GC: {text}{states}");
        return 0;
    }

    private void Each(Action<IGuest> action)
    {
        foreach (IGuest guest in guests)
            action(guest);
    }

    private void Call(Random random)
    {
        Each(guest => guest.Call(random));
        Interlocked.Increment(ref _calls);
    }

    /// <summary>Threads that live for one call.</summary>
    private void Churn(Random random)
    {
        int seed = random.Next();
        var threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            int mine = seed + i;
            threads[i] = new Thread(() => Guard(() =>
            {
                if (!neverCall)
                    Each(g => g.Call(new Random(mine)));
                Faults.NullReference();
            }));
            threads[i].Start();
        }
        foreach (Thread thread in threads)
            thread.Join();
        Interlocked.Add(ref _churned, threads.Length);
    }

    private Action Repeat<T>(T state, Action<T> step) => () =>
    {
        while (!_stop.IsCancellationRequested)
            step(state);
    };

    private void Start(Action body)
    {
        var thread = new Thread(() => Guard(body), 16 << 20);
        _threads.Add(thread);
        thread.Start();
    }

    private void Guard(Action body)
    {
        try
        {
            body();
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
        }
    }
}
