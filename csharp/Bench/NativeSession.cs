using System;
using System.Runtime.InteropServices;
using System.Text;

namespace GoDaddy.Asherah.Bench
{
    /// <summary>A session straight from the C functions, called through function pointers.</summary>
    internal sealed unsafe class NativeSession
    {
        private const string Configuration =
            "{\"ProductID\":\"product\",\"ServiceName\":\"service\",\"Metastore\":\"memory\",\"KMS\":\"static\"," +
            "\"EnableSessionCaching\":false," +
            "\"StaticMasterKeyHex\":\"3031323334353637383961626364656630313233343536373839616263646566\"}\0";

        private static readonly IntPtr Library = NativeLibrary.Load(
            Environment.GetEnvironmentVariable("ASHERAH_NATIVE_LIBRARY")
            ?? throw new InvalidOperationException("ASHERAH_NATIVE_LIBRARY must name the library."));

        private static readonly delegate* unmanaged[Cdecl]<
            IntPtr, byte*, nuint, byte*, nuint, nuint*, uint, int> EncryptInto = (delegate* unmanaged[Cdecl]<
            IntPtr, byte*, nuint, byte*, nuint, nuint*, uint, int>)NativeLibrary.GetExport(
                Library, "asherah_encrypt_into");

        private static readonly delegate* unmanaged[Cdecl]<
            IntPtr, byte*, nuint, byte*, nuint, nuint*, uint, int> DecryptInto = (delegate* unmanaged[Cdecl]<
            IntPtr, byte*, nuint, byte*, nuint, nuint*, uint, int>)NativeLibrary.GetExport(
                Library, "asherah_decrypt_into");

        private readonly IntPtr session;
        private readonly byte[] output;

        /// <summary>Opens a session of a factory of its own, whose results have room for so many bytes.</summary>
        internal NativeSession(int capacity)
        {
            var newFactory = (delegate* unmanaged[Cdecl]<byte*, IntPtr>)NativeLibrary.GetExport(
                Library, "asherah_factory_new_with_config");
            var getSession = (delegate* unmanaged[Cdecl]<IntPtr, byte*, IntPtr>)NativeLibrary.GetExport(
                Library, "asherah_factory_get_session");
            fixed (byte* configuration = Encoding.UTF8.GetBytes(Configuration))
            fixed (byte* partition = "partition\0"u8)
            {
                session = getSession(newFactory(configuration), partition);
            }

            if (session == IntPtr.Zero)
            {
                throw new InvalidOperationException("The C functions give no session.");
            }

            output = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
        }

        /// <summary>Encrypts into the same memory each time.</summary>
        internal int Encrypt(byte[] payload)
        {
            return Call(EncryptInto, payload);
        }

        /// <summary>Decrypts into the same memory each time.</summary>
        internal int Decrypt(byte[] record)
        {
            return Call(DecryptInto, record);
        }

        /// <summary>Returns a copy of the last result, which had so many bytes.</summary>
        internal byte[] Result(int size)
        {
            return output.AsSpan(0, size).ToArray();
        }

        private int Call(
            delegate* unmanaged[Cdecl]<IntPtr, byte*, nuint, byte*, nuint, nuint*, uint, int> function, byte[] bytes)
        {
            nuint written;
            int status;
            fixed (byte* input = bytes)
            fixed (byte* room = output)
            {
                status = function(session, input, (nuint)bytes.Length, room, (nuint)output.Length, &written, 0);
            }

            return status == 0 ? (int)written : throw new InvalidOperationException("The C function failed: " + status);
        }
    }
}
