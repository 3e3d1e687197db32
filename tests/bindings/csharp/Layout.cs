using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Bindings;

/// <summary>The structs against tests/capi/released-abi.txt, which C and C++ compilers are held against too.</summary>
internal static class Layout
{
    public static void Check(string list)
    {
        Dictionary<string, long> released = Released(list), ours = Ours();
        Test.Expect(ours.Count > 30, $"only {ours.Count} sizes and offsets");
        foreach ((string name, long number) in released)
        {
            Test.Expect(ours.TryGetValue(name, out long here), $"{name} is not here");
            Test.Expect(here == number, $"{name} is {here}, not {number}");
        }

        foreach (string name in ours.Keys)
        {
            Test.Expect(released.ContainsKey(name), $"{name} is not in the list");
        }
    }

    // Name of a struct to its size, of a member to its offset.
    private static Dictionary<string, long> Released(string list)
    {
        return File.ReadLines(list)
            .Select(line => line.Split(' '))
            .Where(words => words[0] is "struct" or "member")
            .ToDictionary(words => words[1], words => long.Parse(words[2], CultureInfo.InvariantCulture));
    }

    private static Dictionary<string, long> Ours()
    {
        var numbers = new Dictionary<string, long>();
        foreach (Type type in typeof(Layout).Assembly.GetTypes())
        {
            if (!type.IsValueType || type.IsEnum || !type.Name.StartsWith("Asherah", StringComparison.Ordinal))
            {
                continue;
            }

            numbers.Add(type.Name, Marshal.SizeOf(type));
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public))
            {
                numbers.Add($"{type.Name}.{field.Name}", Marshal.OffsetOf(type, field.Name).ToInt64());
            }
        }

        return numbers;
    }
}
