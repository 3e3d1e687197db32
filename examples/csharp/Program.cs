// A first program with GoDaddy.Asherah.AppEncryption on libasherah: decrypts the records of a file, and adds a few of
// its own to another. The keys are in a SQLite database, sealed by a master key that this program passes to the
// library.
//
//   Demo --database DB [--key KEY] [--read FILE] [--write FILE]
//
// KEY is exactly 32 bytes; without it the variable ASHERAH_DEMO_KEY is taken. A file has one record a line:
// <partition> TAB <data row record>.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Text.Json.Nodes;
using GoDaddy.Asherah.AppEncryption;

(string Partition, string Text)[] samples =
[
    ("user-1001", "phone +49 30 901820"),
    ("user-1003", "allergic to penicillin"),
    ("shop-7", "discount code for staff: ÄPFEL-25"),
];

string? database = null, read = null, write = null;
string? key = Environment.GetEnvironmentVariable("ASHERAH_DEMO_KEY");
for (int i = 0; i < args.Length; i += 2)
{
    string? value = i + 1 < args.Length ? args[i + 1] : null;
    switch (args[i])
    {
        case "--database" when value != null:
            database = value;
            break;
        case "--key" when value != null:
            key = value;
            break;
        case "--read" when value != null:
            read = value;
            break;
        case "--write" when value != null:
            write = value;
            break;
        default:
            return Usage();
    }
}

if (database == null || key == null)
{
    return Usage();
}

try
{
    long start = Stopwatch.GetTimestamp();
    using SessionFactory factory = SessionFactory.NewBuilder("shop", "billing")
        .WithNativeConfiguration(
            new JsonObject { ["Metastore"] = "sqlite", ["ConnectionString"] = database }.ToJsonString())
        .WithNeverExpiredCryptoPolicy()
        .WithStaticKeyManagementService(key)
        .Build();
    int records = 0;
    if (read != null)
    {
        records += Read(factory, read);
    }

    if (write != null)
    {
        records += Write(factory, write, samples);
    }

    Console.WriteLine($"  {records} records in {Milliseconds(start):F2} ms, library and keys included");
    return 0;
}
catch (Exception e)
{
    Console.Error.WriteLine($"demo: {e.GetType().Name}: {e.Message}");
    return 1;
}

static int Read(SessionFactory factory, string file)
{
    int count = 0;
    foreach (string line in File.ReadLines(file))
    {
        count++;
        int tab = line.IndexOf('\t');
        if (tab < 0)
        {
            throw new InvalidDataException($"{file}: line {count} has no tab");
        }

        string partition = line[..tab];
        long start = Stopwatch.GetTimestamp();
        using Session<byte[], byte[]> session = factory.GetSessionBytes(partition);
        byte[] text = session.Decrypt(Encoding.UTF8.GetBytes(line[(tab + 1)..]));
        double elapsed = Milliseconds(start);
        Console.WriteLine($"  {partition}: {Encoding.UTF8.GetString(text)}  ({elapsed:F3} ms)");
    }

    return count;
}

static int Write(SessionFactory factory, string file, IReadOnlyCollection<(string Partition, string Text)> samples)
{
    using var lines = new StreamWriter(file, append: false, new UTF8Encoding(false)) { NewLine = "\n" };
    foreach ((string partition, string text) in samples)
    {
        long start = Stopwatch.GetTimestamp();
        using Session<byte[], byte[]> session = factory.GetSessionBytes(partition);
        byte[] record = session.Encrypt(Encoding.UTF8.GetBytes(text));
        double elapsed = Milliseconds(start);
        lines.WriteLine($"{partition}\t{Encoding.UTF8.GetString(record)}");
        Console.WriteLine($"  {partition}: wrote \"{text}\" as a record of {record.Length} bytes  ({elapsed:F3} ms)");
    }

    return samples.Count;
}

static double Milliseconds(long start)
{
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}

static int Usage()
{
    Console.Error.WriteLine("usage: Demo --database DB [--key KEY] [--read FILE] [--write FILE]");
    return 2;
}
