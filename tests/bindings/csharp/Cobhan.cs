using System.Runtime.InteropServices;

namespace Bindings;

/// <summary>A Cobhan buffer in memory of its own, with a canary behind it.</summary>
internal sealed class CobhanBuffer : IDisposable
{
    private const int Header = 8;
    private const long Canary = unchecked((long)0xdeadbeef00000000);
    private readonly int _size;

    /// <summary>An output of this capacity.</summary>
    public CobhanBuffer(int capacity)
    {
        _size = capacity;
        Pointer = Marshal.AllocHGlobal(Header + capacity + sizeof(long));
        Marshal.WriteInt32(Pointer, capacity);
        Marshal.WriteInt32(Pointer, 4, 0);
        Marshal.WriteInt64(Pointer, Header + capacity, Canary);
    }

    /// <summary>An input.</summary>
    public CobhanBuffer(byte[] data)
        : this(data.Length)
    {
        Marshal.Copy(data, 0, Pointer + Header, data.Length);
    }

    public CobhanBuffer(string text)
        : this(Asherah.Bytes(text))
    {
    }

    public IntPtr Pointer { get; }

    public byte[] Content
    {
        get
        {
            Test.Expect(Marshal.ReadInt64(Pointer, Header + _size) == Canary, "written past the end");
            var content = new byte[Marshal.ReadInt32(Pointer)];
            Marshal.Copy(Pointer + Header, content, 0, content.Length);
            return content;
        }
    }

    public void Dispose()
    {
        Marshal.FreeHGlobal(Pointer);
    }
}
