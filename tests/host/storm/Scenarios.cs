using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Storm;

/// <summary>Single things a .NET program relies on, done with and without a library in the process.</summary>
internal static class Scenarios
{
    public static int Run(string name, IGuest? guest)
    {
        if (guest is not null)
        {
            guest.Open();
            guest.Call(new Random(1));
        }
        switch (name)
        {
            case "null-reference": Many(Faults.NullReference); break;
            case "divide-by-zero": Many(Faults.DivideByZero); break;
            case "stack-overflow": Console.WriteLine(Overflow(0)); break;
            case "access-violation": Marshal.WriteInt32(unchecked((nint)0x7000_0000_0000), 1); break;
            case "cancel": Cancel(); break;
            case "posix-signals": PosixSignals(); break;
            case "children": Children(guest); break;
            case "callback-suspension": CallbackSuspension(guest!); break;
            default:
                Console.Error.WriteLine($"no scenario {name}");
                return 2;
        }
        Console.WriteLine($"passed {name}");
        return 0;
    }

    private static void Many(Action fault)
    {
        for (int i = 0; i < 2000; i++)
            fault();
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 500; i++)
                fault();
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Overflow(int depth)
    {
        Span<byte> frame = stackalloc byte[256];
        frame[depth & 255] = 1;
        return depth < 0 ? frame[1] : Overflow(depth + 1) + frame[2];
    }

    private static void Cancel()
    {
        using var seen = new ManualResetEventSlim();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            seen.Set();
        };
        for (int i = 0; i < 3; i++)
        {
            Send(PosixSignal.SIGINT);
            Expect(seen.Wait(TimeSpan.FromSeconds(10)), "SIGINT did not reach Console.CancelKeyPress");
            seen.Reset();
        }
    }

    private static void PosixSignals()
    {
        PosixSignal[] signals =
        [
            PosixSignal.SIGHUP, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM, PosixSignal.SIGCHLD,
            PosixSignal.SIGCONT, PosixSignal.SIGWINCH,
        ];
        foreach (PosixSignal signal in signals)
        {
            using var seen = new ManualResetEventSlim();
            using PosixSignalRegistration registration = PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                seen.Set();
            });
            Send(signal);
            Expect(seen.Wait(TimeSpan.FromSeconds(10)), $"{signal} did not reach its registration");
        }
    }

    private static void Children(IGuest? guest)
    {
        Parallel.For(0, 4, lane =>
        {
            for (int i = 0; i < 25; i++)
            {
                int code = (lane * 25 + i) % 100;
                using Process child = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"echo {code}; exit {code}"])
                {
                    RedirectStandardOutput = true,
                })!;
                guest?.Call(new Random(i));
                string output = child.StandardOutput.ReadToEnd().Trim();
                Expect(child.WaitForExit(20_000), "a child's end was not noticed");
                Expect(child.ExitCode == code && output == $"{code}", $"child {code}: {child.ExitCode} {output}");
            }
        });
    }

    /// <summary>A collection must be able to stop a thread of the library that runs a loop without a poll.</summary>
    private static unsafe void CallbackSuspension(IGuest guest)
    {
        var library = (GuestLibrary)guest;
        var caller = new Thread(() => library.CallBack(&LongCallback));
        caller.Start();
        s_inCallback.Wait();
        var clock = Stopwatch.StartNew();
        GC.Collect();
        long taken = clock.ElapsedMilliseconds;
        bool running = !s_callbackDone;
        caller.Join();
        Console.WriteLine($"collection took {taken} ms, callback still running: {running}");
        Expect(running, "the collection had to wait for the callback to end");
    }

    private static readonly ManualResetEventSlim s_inCallback = new();
    private static volatile bool s_callbackDone;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void LongCallback(nint userData)
    {
        Faults.Compute(1000);
        s_inCallback.Set();
        Faults.Compute(2_000_000_000);
        s_callbackDone = true;
    }

    private static void Send(PosixSignal signal)
    {
        int number = signal switch
        {
            PosixSignal.SIGHUP => 1,
            PosixSignal.SIGINT => 2,
            PosixSignal.SIGQUIT => 3,
            PosixSignal.SIGTERM => 15,
            PosixSignal.SIGCHLD => 17,
            PosixSignal.SIGCONT => 18,
            PosixSignal.SIGWINCH => 28,
            _ => throw new ArgumentOutOfRangeException(nameof(signal)),
        };
        Expect(Kill(Environment.ProcessId, number) == 0, "kill failed");
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidOperationException(otherwise);
    }
}
