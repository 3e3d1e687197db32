namespace Storm;

/// <summary>
/// A .NET process that loads a Go shared library and then does what is hardest on it.
/// <code>
/// storm run --lib PATH [--lib PATH] --api guest|asherah|packages --seconds N [--never-call] [--flat]
/// storm scenario NAME [--lib PATH --api guest|asherah|packages]
/// </code>
/// With --flat the memory must not grow.
/// Exit code 0 and a last line that begins with "survived" or "passed", or the process does not end well.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var libraries = new List<string>();
        string api = "guest";
        double seconds = 20;
        bool neverCall = false, flat = false;
        var rest = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--lib": libraries.Add(Path.GetFullPath(args[++i])); break;
                case "--api": api = args[++i]; break;
                case "--seconds": seconds = double.Parse(args[++i]); break;
                case "--never-call": neverCall = true; break;
                case "--flat": flat = true; break;
                default: rest.Add(args[i]); break;
            }
        }
        IReadOnlyList<IGuest> guests = libraries.Select(path => Load(api, path)).ToList();
        if (guests.DistinctBy(guest => guest.Handle).Count() != guests.Count)
            throw new InvalidOperationException("two paths, one library");
        switch (rest)
        {
            case ["run"] when guests.Count > 0:
                return new Weather(guests, TimeSpan.FromSeconds(seconds), neverCall, flat).Run();
            case ["scenario", var name]:
                return Scenarios.Run(name, guests.FirstOrDefault());
            default:
                Console.Error.WriteLine("usage: storm run|scenario NAME --lib PATH --api NAME --seconds N");
                return 2;
        }
    }

    private static IGuest Load(string api, string path) => api switch
    {
        "guest" => new GuestLibrary(path),
        "asherah" when HessraLibrary.Is(path) => new HessraLibrary(path),
        "asherah" => new AsherahLibrary(path),
        "packages" => new PackagesLibrary(path),
        _ => throw new ArgumentException($"no api {api}"),
    };
}
