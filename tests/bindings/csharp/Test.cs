namespace Bindings;

/// <summary>Runs tests and prints "ok NAME" or "FAIL NAME: why".</summary>
internal static class Test
{
    public static int Failed { get; private set; }

    public static void Run(string name, Action test)
    {
        try
        {
            test();
            Console.WriteLine($"ok C#: {name}");
        }
        catch (Exception problem)
        {
            Failed++;
            string? where = problem.StackTrace?.Split('\n').FirstOrDefault(line => !line.Contains("Test."));
            Console.WriteLine($"FAIL C#: {name}: {problem.GetType().Name} {problem.Message} {where?.Trim()}");
        }
    }

    public static void Expect(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException(what);
        }
    }

    /// <summary>work(index) in so many threads; the first of their exceptions is thrown here.</summary>
    public static void InThreads(int count, Action<int> work)
    {
        Exception? problem = null;
        var threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            int index = i;
            threads[i] = new Thread(() =>
            {
                try
                {
                    work(index);
                }
                catch (Exception caught)
                {
                    Interlocked.CompareExchange(ref problem, caught, null);
                }
            });
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            Expect(thread.Join(TimeSpan.FromMinutes(2)), "a thread hangs");
        }

        if (problem != null)
        {
            throw new AggregateException(problem.Message, problem);
        }
    }

    public static void Until(Func<bool> condition, string what)
    {
        Expect(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20)), "never: " + what);
    }
}
