using System;
#if NET8_0_OR_GREATER
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
#endif
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;
using GoDaddy.Asherah.PlatformNative.Interop;
using GoDaddy.Asherah.SecureMemory;

namespace GoDaddy.Asherah.AppEncryption.Callbacks
{
    /// <summary>Key management services for the library: its own, or ones that it calls back.</summary>
    internal static unsafe class HostKms
    {
        private static readonly TransientSecretFactory Secrets = new TransientSecretFactory();

#if !NET8_0_OR_GREATER
        private static readonly HostFunctions.Wrap EncryptKeyFunction = EncryptKey;
        private static readonly HostFunctions.Wrap DecryptKeyFunction = DecryptKey;
        private static readonly HostFunctions.Release ReleaseFunction = Release;
#endif

        /// <summary>
        /// Returns a handle to dispose when the factory is made. A service of the library's stays one however many
        /// handles it has; of any other the synchronous methods are called, on the thread that encrypts or decrypts.
        /// </summary>
        internal static SafeKmsHandle Open(IKeyManagementService service)
        {
            SafeKmsHandle own = (service as INativeKms)?.NativeHandle;
            if (own != null)
            {
                return SafeKmsHandle.Share(own);
            }

            var functions = new Native.AsherahKmsCallbacks
            {
                Size = (UIntPtr)sizeof(Native.AsherahKmsCallbacks),
                Version = Native.CallbacksVersion,
                UserData = HostReference.New(service),
#if NET8_0_OR_GREATER
                EncryptKey = (IntPtr)(delegate* unmanaged[Cdecl]<
                    void*, byte*, UIntPtr, long, int, Native.AsherahReply*, int>)&EncryptKey,
                DecryptKey = (IntPtr)(delegate* unmanaged[Cdecl]<
                    void*, byte*, UIntPtr, long, int, Native.AsherahReply*, int>)&DecryptKey,
                Release = (IntPtr)(delegate* unmanaged[Cdecl]<void*, void>)&Release,
#else
                EncryptKey = HostFunctions.ToNative(EncryptKeyFunction),
                DecryptKey = HostFunctions.ToNative(DecryptKeyFunction),
                Release = HostFunctions.ToNative(ReleaseFunction),
#endif
            };
            return HostReference.Taken(Native.asherah_kms_new_from_callbacks(&functions), functions.UserData);
        }

        // What a KMS is asked to encrypt is a new system key.
#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int EncryptKey(
            void* userData, byte* key, UIntPtr keyLength, long created, int revoked, Native.AsherahReply* reply)
        {
            bool before = Timers.Called();
            try
            {
                var service = HostReference.Target<IKeyManagementService>(userData);
                using (CryptoKey systemKey = NewKey(key, (int)keyLength, created, revoked != 0))
                {
                    byte[] wrapped = service.EncryptKey(systemKey)
                        ?? throw new ArgumentNullException("encryptedKey", "EncryptKey returned null.");
                    HostReply.Put(reply, wrapped);
                }

                return Status.Ok;
            }
            catch (Exception e) when (Guard.Holds(Guarded.Callback))
            {
                return HostReply.Fail(
                    reply, "IKeyManagementService.EncryptKey", HostMetastore.StoreFailure(e, systemKey: true));
            }
            finally
            {
                Timers.Returned(before);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int DecryptKey(
            void* userData, byte* blob, UIntPtr blobLength, long created, int revoked, Native.AsherahReply* reply)
        {
            bool before = Timers.Called();
            try
            {
                var service = HostReference.Target<IKeyManagementService>(userData);
                using (CryptoKey systemKey = service.DecryptKey(
                    HostReply.Bytes(blob, blobLength), DateTimeOffset.FromUnixTimeSeconds(created), revoked != 0))
                {
                    if (systemKey == null)
                    {
                        throw new AppEncryptionException("The key management service's DecryptKey returned null.");
                    }

                    systemKey.WithKey(bytes => HostReply.Put(reply, bytes));
                }

                return Status.Ok;
            }
            catch (Exception e) when (Guard.Holds(Guarded.Callback))
            {
                return HostReply.Fail(reply, "IKeyManagementService.DecryptKey", e);
            }
            finally
            {
                Timers.Returned(before);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static void Release(void* userData)
        {
            HostReference.Free(userData);
        }

        // The array on the way to locked memory is pinned, so that there is no copy of it to leave behind, and wiped.
        private static CryptoKey NewKey(byte* key, int length, long created, bool revoked)
        {
            var bytes = new byte[length];
            fixed (byte* start = bytes)
            {
                try
                {
                    Buffer.MemoryCopy(key, start, length, length);
                    Guard.Reached(Guarded.KeyWipe, bytes);
                    return new SecretCryptoKey(
                        Secrets.CreateSecret(bytes), DateTimeOffset.FromUnixTimeSeconds(created), revoked);
                }
                finally
                {
                    if (Guard.Holds(Guarded.KeyWipe))
                    {
                        Memory.Wipe(start, length);
                    }
                }
            }
        }
    }
}
