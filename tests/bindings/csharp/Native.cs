using System.Runtime.InteropServices;

namespace Bindings;

/// <summary>The functions that the .NET binding of godaddy/asherah-ffi calls, declared as it declares them.</summary>
internal static unsafe class Native
{
    private const string Library = "asherah_ffi";

    /// <summary>Loads the library of this path, whatever it is called.</summary>
    public static void Use(string path)
    {
        NativeLibrary.SetDllImportResolver(
            typeof(Native).Assembly,
            (name, _, _) => name is Library or CobhanNative.Library ? NativeLibrary.Load(path) : IntPtr.Zero);
    }

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern IntPtr asherah_factory_new_from_env();

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern IntPtr asherah_factory_new_with_config(IntPtr configJson);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_apply_config_json(IntPtr configJson);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern void asherah_factory_free(IntPtr factory);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern IntPtr asherah_factory_get_session(IntPtr factory, IntPtr partitionId);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern void asherah_session_free(IntPtr session);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_encrypt_to_json(
        IntPtr session, byte[]? data, UIntPtr length, ref AsherahBuffer buffer);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_decrypt_from_json(
        IntPtr session, byte[]? json, UIntPtr length, ref AsherahBuffer buffer);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern void asherah_buffer_free(ref AsherahBuffer buffer);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern IntPtr asherah_last_error_message();

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_encrypt_to_json_async(
        IntPtr session,
        byte* data,
        UIntPtr length,
        delegate* unmanaged[Cdecl]<IntPtr, IntPtr, UIntPtr, IntPtr, void> callback,
        IntPtr userData);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_decrypt_from_json_async(
        IntPtr session,
        byte* json,
        UIntPtr length,
        delegate* unmanaged[Cdecl]<IntPtr, IntPtr, UIntPtr, IntPtr, void> callback,
        IntPtr userData);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_set_log_hook(
        delegate* unmanaged[Cdecl]<IntPtr, int, IntPtr, IntPtr, void> callback, IntPtr userData);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_set_log_hook_with_config(
        delegate* unmanaged[Cdecl]<IntPtr, int, IntPtr, IntPtr, void> callback,
        IntPtr userData,
        UIntPtr queueCapacity,
        int minLevel);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_set_log_hook_sync(
        delegate* unmanaged[Cdecl]<IntPtr, int, IntPtr, IntPtr, void> callback, IntPtr userData, int minLevel);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_clear_log_hook();

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern ulong asherah_log_dropped_count();

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_set_metrics_hook(
        delegate* unmanaged[Cdecl]<IntPtr, int, ulong, IntPtr, void> callback, IntPtr userData);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_set_metrics_hook_with_config(
        delegate* unmanaged[Cdecl]<IntPtr, int, ulong, IntPtr, void> callback, IntPtr userData, UIntPtr queueCapacity);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_set_metrics_hook_sync(
        delegate* unmanaged[Cdecl]<IntPtr, int, ulong, IntPtr, void> callback, IntPtr userData);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int asherah_clear_metrics_hook();

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern ulong asherah_metrics_dropped_count();
}

/// <summary>The functions of godaddy/asherah-cobhan.</summary>
internal static class CobhanNative
{
    public const string Library = "asherah_cobhan";

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int SetupJson(IntPtr configJson);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern void Shutdown();

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int SetEnv(IntPtr envJson);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int EstimateBuffer(int dataLen, int partitionLen);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int Encrypt(
        IntPtr partitionId, IntPtr data, IntPtr encryptedData, IntPtr encryptedKey, ref long created,
        IntPtr parentKeyId, ref long parentKeyCreated);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int Decrypt(
        IntPtr partitionId, IntPtr encryptedData, IntPtr encryptedKey, long created, IntPtr parentKeyId,
        long parentKeyCreated, IntPtr decryptedData);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int EncryptToJson(IntPtr partitionId, IntPtr data, IntPtr json);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    public static extern int DecryptFromJson(IntPtr partitionId, IntPtr json, IntPtr data);
}
