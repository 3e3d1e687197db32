using System.Runtime.InteropServices;
using System.Text;

namespace Bindings;

internal sealed class AsherahException(string message) : Exception(message);

/// <summary>A binding as others write it: handles in IntPtr, a result that is not 0 is a failure.</summary>
internal static unsafe class Asherah
{
    public static AsherahException Failure()
    {
        IntPtr words = Native.asherah_last_error_message();
        return new AsherahException((words == IntPtr.Zero ? null : Marshal.PtrToStringUTF8(words)) ?? "unknown error");
    }

    public static IntPtr Factory(string? config)
    {
        IntPtr factory = config == null
            ? Native.asherah_factory_new_from_env()
            : WithText(config, Native.asherah_factory_new_with_config);
        return factory != IntPtr.Zero ? factory : throw Failure();
    }

    public static void Apply(string? config)
    {
        int status = config == null
            ? Native.asherah_apply_config_json(IntPtr.Zero)
            : WithText(config, Native.asherah_apply_config_json);
        if (status != 0)
        {
            throw Failure();
        }
    }

    public static IntPtr Session(IntPtr factory, string partition)
    {
        IntPtr session = WithText(partition, text => Native.asherah_factory_get_session(factory, text));
        return session != IntPtr.Zero ? session : throw Failure();
    }

    public static byte[] Encrypt(IntPtr session, byte[] data)
    {
        var buffer = default(AsherahBuffer);
        return Take(Native.asherah_encrypt_to_json(session, data, (UIntPtr)data.Length, ref buffer), ref buffer);
    }

    public static byte[] Decrypt(IntPtr session, byte[] json)
    {
        var buffer = default(AsherahBuffer);
        return Take(Native.asherah_decrypt_from_json(session, json, (UIntPtr)json.Length, ref buffer), ref buffer);
    }

    public static Task<byte[]> EncryptAsync(IntPtr session, byte[] data)
    {
        return Start(data, (text, tag) => Native.asherah_encrypt_to_json_async(
            session, (byte*)text, (UIntPtr)data.Length, &Complete, tag));
    }

    public static Task<byte[]> DecryptAsync(IntPtr session, byte[] json)
    {
        return Start(json, (text, tag) => Native.asherah_decrypt_from_json_async(
            session, (byte*)text, (UIntPtr)json.Length, &Complete, tag));
    }

    private static byte[] Take(int status, ref AsherahBuffer buffer)
    {
        if (status != 0)
        {
            throw Failure();
        }

        try
        {
            var result = new byte[checked((int)buffer.len)];
            Marshal.Copy(buffer.data, result, 0, result.Length);
            return result;
        }
        finally
        {
            Native.asherah_buffer_free(ref buffer);
        }
    }

    private static T WithText<T>(string text, Func<IntPtr, T> call)
    {
        IntPtr copy = Marshal.StringToCoTaskMemUTF8(text);
        try
        {
            return call(copy);
        }
        finally
        {
            Marshal.FreeCoTaskMem(copy);
        }
    }

    private static Task<byte[]> Start(byte[] data, Func<IntPtr, IntPtr, int> call)
    {
        var completion = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        GCHandle tag = GCHandle.Alloc(completion);
        fixed (byte* text = data)
        {
            if (call((IntPtr)text, GCHandle.ToIntPtr(tag)) != 0)
            {
                tag.Free();
                throw Failure();
            }
        }

        return completion.Task;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static void Complete(IntPtr userData, IntPtr data, UIntPtr length, IntPtr error)
    {
        GCHandle tag = GCHandle.FromIntPtr(userData);
        var completion = (TaskCompletionSource<byte[]>)tag.Target!;
        tag.Free(); // a second call would find no handle and end the process
        if (error != IntPtr.Zero)
        {
            completion.SetException(new AsherahException(Marshal.PtrToStringUTF8(error)!));
            return;
        }

        var result = new byte[checked((int)length)];
        Marshal.Copy(data, result, 0, result.Length);
        completion.SetResult(result);
    }

    public static byte[] Bytes(string text)
    {
        return Encoding.UTF8.GetBytes(text);
    }
}
