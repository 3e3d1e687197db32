using System.Runtime.InteropServices;

// Members are called as in C, so that Layout can find them, and most are only there to have an offset.
#pragma warning disable CS0649, CS0169, IDE0051, IDE1006

namespace Bindings;

[StructLayout(LayoutKind.Sequential)]
internal struct AsherahBuffer
{
    public IntPtr data;
    public UIntPtr len;
    public UIntPtr capacity;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AsherahSlice
{
    public IntPtr data;
    public UIntPtr len;
}

[StructLayout(LayoutKind.Sequential)]
internal struct AsherahResult
{
    public AsherahBuffer buffer;
    public int status;
    public int reserved;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AsherahReply
{
    public UIntPtr size;
    public delegate* unmanaged[Cdecl]<AsherahReply*, UIntPtr, byte*> allocate;
    public delegate* unmanaged[Cdecl]<AsherahReply*, byte*, UIntPtr, void> set_message;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AsherahMetastoreCallbacks
{
    public UIntPtr size;
    public uint version;
    public uint flags;
    public IntPtr user_data;
    public delegate* unmanaged[Cdecl]<IntPtr, byte*, UIntPtr, long, AsherahReply*, int> load;
    public delegate* unmanaged[Cdecl]<IntPtr, byte*, UIntPtr, AsherahReply*, int> load_latest;
    public delegate* unmanaged[Cdecl]<IntPtr, byte*, UIntPtr, long, byte*, UIntPtr, AsherahReply*, int> store;
    public delegate* unmanaged[Cdecl]<IntPtr, AsherahReply*, int> key_suffix;
    public delegate* unmanaged[Cdecl]<IntPtr, void> release;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AsherahKmsCallbacks
{
    public UIntPtr size;
    public uint version;
    public uint flags;
    public IntPtr user_data;
    public delegate* unmanaged[Cdecl]<IntPtr, byte*, UIntPtr, long, int, AsherahReply*, int> encrypt_key;
    public delegate* unmanaged[Cdecl]<IntPtr, byte*, UIntPtr, long, int, AsherahReply*, int> decrypt_key;
    public delegate* unmanaged[Cdecl]<IntPtr, void> release;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AsherahPolicyCallbacks
{
    public UIntPtr size;
    public uint version;
    public uint flags;
    public IntPtr user_data;
    public delegate* unmanaged[Cdecl]<IntPtr, long, int> is_key_expired;
    public delegate* unmanaged[Cdecl]<IntPtr, long> revoke_check_period_ms;
    public delegate* unmanaged[Cdecl]<IntPtr, int> can_cache_system_keys;
    public delegate* unmanaged[Cdecl]<IntPtr, int> can_cache_intermediate_keys;
    public delegate* unmanaged[Cdecl]<IntPtr, int> is_queued_rotation;
    public delegate* unmanaged[Cdecl]<IntPtr, int> notify_expired_system_key_on_read;
    public delegate* unmanaged[Cdecl]<IntPtr, int> notify_expired_intermediate_key_on_read;
    public delegate* unmanaged[Cdecl]<IntPtr, long, long> truncate_system_key;
    public delegate* unmanaged[Cdecl]<IntPtr, long, long> truncate_intermediate_key;
    public delegate* unmanaged[Cdecl]<IntPtr, void> release;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AsherahEvent
{
    public UIntPtr size;
    public int type;
    public int system_key;
    public int failed;
    public int absent;
    public byte* id;
    public UIntPtr id_len;
    public long created;
    public ulong duration_ns;
    public byte* region;
    public UIntPtr region_len;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AsherahEventCallbacks
{
    public UIntPtr size;
    public uint version;
    public uint flags;
    public void* user_data;
    public delegate* unmanaged[Cdecl]<void*, AsherahEvent*, void> @event;
    public delegate* unmanaged[Cdecl]<void*, void> release;
}
