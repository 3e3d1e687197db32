using System;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.PlatformNative.Interop;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>A metastore of the native library: one connection pool or client for all factories that use
    /// it.</summary>
    internal sealed unsafe class NativeKeyStore : IKeyStore
    {
        private NativeKeyStore(SafeMetastoreHandle handle)
        {
            Handle = handle;
        }

        /// <summary>Gets the handle, which lives as long as this object.</summary>
        internal SafeMetastoreHandle Handle { get; }

        public JObject Load(string keyId, DateTimeOffset created)
        {
            byte[] id = Utf8.GetBytes(keyId, nameof(keyId));
            Native.AsherahBuffer record = default;
            byte unused = 0;
            fixed (byte* bytes = id)
            {
                int status = Native.asherah_metastore_load(
                    Handle,
                    bytes == null ? &unused : bytes,
                    (UIntPtr)id.Length,
                    created.ToUnixTimeSeconds(),
                    &record);
                return Take(status, &record);
            }
        }

        public JObject LoadLatest(string keyId)
        {
            byte[] id = Utf8.GetBytes(keyId, nameof(keyId));
            Native.AsherahBuffer record = default;
            byte unused = 0;
            fixed (byte* bytes = id)
            {
                int status = Native.asherah_metastore_load_latest(
                    Handle, bytes == null ? &unused : bytes, (UIntPtr)id.Length, &record);
                return Take(status, &record);
            }
        }

        public bool Store(string keyId, DateTimeOffset created, JObject record)
        {
            byte[] id = Utf8.GetBytes(keyId, nameof(keyId));
            byte[] text = Utf8.GetBytes(KeyRecordText.Format(record), nameof(record));
            int stored = 0;
            byte unused = 0;
            int status;
            fixed (byte* bytes = id)
            fixed (byte* json = text)
            {
                status = Native.asherah_metastore_store(
                    Handle,
                    bytes == null ? &unused : bytes,
                    (UIntPtr)id.Length,
                    created.ToUnixTimeSeconds(),
                    json,
                    (UIntPtr)text.Length,
                    &stored);
            }

            return status == Status.Ok ? stored != 0 : throw NativeError.FromStatus(status);
        }

        /// <summary>Opens a metastore.</summary>
        /// <param name="write">Writes the members of its configuration, each after a comma.</param>
        /// <exception cref="ArgumentException">The library refuses the configuration.</exception>
        internal static NativeKeyStore Open(Action<SecretBuffer> write)
        {
            NativeLoader.EnsureLoaded();
            using (var json = new SecretBuffer(1024))
            {
                json.AddAscii("{\"StrictConfig\":true");
                write(json);
                json.Add((byte)'}');
                json.Add(0);
                SafeMetastoreHandle handle = Native.asherah_metastore_new(json.Data);
                return handle.IsInvalid ? throw NativeError.FromLastError() : new NativeKeyStore(handle);
            }
        }

        /// <summary>Writes a member of a configuration that is a text; null leaves it out.</summary>
        internal static void AddField(SecretBuffer json, string name, string value)
        {
            if (value != null)
            {
                json.AddAscii(",\"" + name + "\":");
                JsonMembers.AddString(json, value, name);
            }
        }

        private static JObject Take(int status, Native.AsherahBuffer* record)
        {
            if (status != Status.Ok)
            {
                throw NativeError.FromStatus(status);
            }

            if (record->Data == null)
            {
                return null;
            }

            try
            {
                var text = new byte[(int)record->Len];
                Marshal.Copy((IntPtr)record->Data, text, 0, text.Length);
                return KeyRecordText.Parse(text);
            }
            finally
            {
                Native.asherah_buffer_free(record);
            }
        }
    }
}
