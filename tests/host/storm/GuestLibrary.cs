using System.Runtime.InteropServices;
using System.Text;
using unsafe Callback = delegate* unmanaged[Cdecl]<nint, void>;

namespace Storm;

/// <summary>The test library of tests/host/guest.</summary>
internal sealed unsafe class GuestLibrary : IGuest
{
    private readonly delegate* unmanaged[Cdecl]<int> _noop;
    private readonly delegate* unmanaged[Cdecl]<uint, int> _alloc, _block, _spin;
    private readonly delegate* unmanaged[Cdecl]<Callback, nint, uint, int> _callback, _callbackAsync;
    private readonly delegate* unmanaged[Cdecl]<int> _fault;
    private readonly delegate* unmanaged[Cdecl]<byte*, nuint, int> _state;

    public GuestLibrary(string path)
    {
        Handle = NativeLibrary.Load(path);
        nint Export(string name) => NativeLibrary.GetExport(Handle, name);
        _noop = (delegate* unmanaged[Cdecl]<int>)Export("guest_noop");
        _alloc = (delegate* unmanaged[Cdecl]<uint, int>)Export("guest_alloc");
        _block = (delegate* unmanaged[Cdecl]<uint, int>)Export("guest_block");
        _spin = (delegate* unmanaged[Cdecl]<uint, int>)Export("guest_spin");
        _callback = (delegate* unmanaged[Cdecl]<Callback, nint, uint, int>)Export("guest_callback");
        _callbackAsync = (delegate* unmanaged[Cdecl]<Callback, nint, uint, int>)Export("guest_callback_async");
        _fault = (delegate* unmanaged[Cdecl]<int>)Export("guest_fault");
        _state = (delegate* unmanaged[Cdecl]<byte*, nuint, int>)Export("guest_state");
    }

    public nint Handle { get; }

    public void Open() => Check(_noop());

    public void Call(Random random)
    {
        for (int i = 0; i < 200; i++)
            Check(_noop());
        switch (random.Next(8))
        {
            case 0: Check(_alloc(64)); break;
            case 1: Check(_spin(1)); break;
            case 2: Check(_callback(&Callbacks.OnCall, 0, 10)); break;
            // A panic of the library after a fault in Go, while the host's handlers are in place.
            case 3: Check(_fault() == 1 ? 0 : -1); break;
        }
    }

    public void Block() => Check(_block(5));

    public void CallBack() => Check(_callbackAsync(&Callbacks.OnCall, 0, 100));

    public void CallBack(Callback callback) => Check(_callbackAsync(callback, 0, 1));

    public string State()
    {
        byte* text = stackalloc byte[1024];
        Check(_state(text, 1024));
        return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
    }

    private static void Check(int status)
    {
        if (status != 0)
            throw new InvalidOperationException($"status {status}");
    }
}
