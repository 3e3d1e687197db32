using System.Buffers.Binary;
using System.Text;
using HostStores;

// A host with metastores and KMSs of its own. It does what the Go tests ask for on standard input, through the handles
// that the library made of them; ../protocol_test.go says how. Its status is 0 if every table was released once.
Native.Initialize();
Server server = new(Console.OpenStandardInput(), Console.OpenStandardOutput());
Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(server.Serve))];
foreach (Thread thread in threads)
    thread.Start();
foreach (Thread thread in threads)
    thread.Join();
return server.End();

internal sealed unsafe class Server(Stream input, Stream output)
{
    private readonly List<Table> _parts = [];

    private enum Operation
    {
        NewMetastore, SameMetastore, Load, LoadLatest, Store, KeySuffix, NewKms, EncryptKey, DecryptKey, Wrap, Stats,
    }

    private readonly record struct Request(uint Number, Operation Operation, uint Part, uint Flag, long Created,
        byte[] First, byte[] Second)
    {
        public int Revoked => (int)Flag;

        public nuint FirstLength => (nuint)First.Length;

        public nuint SecondLength => (nuint)Second.Length;
    }

    private readonly record struct Answer(int Status, uint Value, byte[] Text);

    public void Serve()
    {
        while (Read() is { } request)
        {
            Answer answer = Perform(request);
            byte[] head = new byte[16];
            BinaryPrimitives.WriteUInt32LittleEndian(head, request.Number);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), answer.Status);
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), answer.Value);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), answer.Text.Length);
            lock (output)
            {
                output.Write(head);
                output.Write(answer.Text);
                output.Flush();
            }
        }
    }

    public int End()
    {
        int status = 0;
        for (int i = 0; i < _parts.Count; i++)
        {
            _parts[i].Free();
            if (_parts[i].Released != 1)
            {
                Console.Error.WriteLine($"part {i} was released {_parts[i].Released} times");
                status = 1;
            }
        }
        return status;
    }

    private Request? Read()
    {
        lock (input)
        {
            byte[] head = new byte[32];
            if (input.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
                return null;
            uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(offset));
            byte[] first = new byte[Word(24)], second = new byte[Word(28)];
            input.ReadExactly(first);
            input.ReadExactly(second);
            long created = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(16));
            return new Request(Word(0), (Operation)Word(4), Word(8), Word(12), created, first, second);
        }
    }

    private Table Part(Request request)
    {
        lock (_parts)
            return _parts[(int)request.Part];
    }

    private Answer Added(Table table)
    {
        lock (_parts)
        {
            _parts.Add(table);
            return new Answer(Native.Ok, (uint)_parts.Count - 1, []);
        }
    }

    private Answer Perform(Request r)
    {
        switch (r.Operation)
        {
            case Operation.NewMetastore:
                return Added(new MetastoreTable(new Records(Encoding.UTF8.GetString(r.First))));
            case Operation.SameMetastore: return Added(new MetastoreTable(((MetastoreTable)Part(r)).Records));
            case Operation.NewKms: return Added(new KmsTable(r.First));
            case Operation.Wrap: return new Answer(Native.Ok, 0, ((KmsTable)Part(r)).Wrap(r.First));
        }
        nint handle = r.Operation == Operation.Stats ? 0 : Part(r).Handle;
        Native.Buffer result = default;
        int stored = 0;
        int status;
        fixed (byte* first = r.First, second = r.Second)
        {
            status = r.Operation switch
            {
                Operation.Load => Native.Load(handle, first, r.FirstLength, r.Created, &result),
                Operation.LoadLatest => Native.LoadLatest(handle, first, r.FirstLength, &result),
                Operation.Store => Native.Store(handle, first, r.FirstLength, r.Created, second, r.SecondLength,
                    &stored),
                Operation.KeySuffix => Native.KeySuffix(handle, &result),
                Operation.EncryptKey => Native.EncryptKey(handle, first, r.FirstLength, r.Created, r.Revoked, &result),
                Operation.DecryptKey => Native.DecryptKey(handle, first, r.FirstLength, r.Created, r.Revoked, &result),
                Operation.Stats => Native.Stats(&result),
                _ => throw new InvalidOperationException($"operation {r.Operation}"),
            };
        }
        if (status != Native.Ok)
            return new Answer(status, 0, Encoding.UTF8.GetBytes(Table.LastError()));
        byte[] text = new ReadOnlySpan<byte>(result.Data, (int)result.Length).ToArray();
        Native.BufferFree(&result);
        return new Answer(status, (uint)stored, text);
    }
}
