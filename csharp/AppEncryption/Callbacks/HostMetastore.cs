using System;
#if NET8_0_OR_GREATER
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
#endif
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Persistence;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;
using LanguageExt;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Callbacks
{
    /// <summary>Metastores for the library: its own, or ones that it calls back.</summary>
    internal static unsafe class HostMetastore
    {
#if !NET8_0_OR_GREATER
        private static readonly HostFunctions.Load LoadFunction = Load;
        private static readonly HostFunctions.LoadLatest LoadLatestFunction = LoadLatest;
        private static readonly HostFunctions.Store StoreFunction = Store;
        private static readonly HostFunctions.KeySuffix KeySuffixFunction = KeySuffix;
        private static readonly HostFunctions.Release ReleaseFunction = Release;
#endif

        /// <summary>
        /// Returns a handle to dispose when the factory is made. A metastore of the library's stays one however many
        /// handles it has; any other is called on the thread that encrypts or decrypts, and asked for its key suffix
        /// here.
        /// </summary>
        internal static SafeMetastoreHandle Open(IMetastore<JObject> metastore)
        {
            SafeMetastoreHandle own = (metastore as INativeMetastore)?.NativeHandle;
            if (own != null)
            {
                return SafeMetastoreHandle.Share(own);
            }

            var functions = new Native.AsherahMetastoreCallbacks
            {
                Size = (UIntPtr)sizeof(Native.AsherahMetastoreCallbacks),
                Version = Native.CallbacksVersion,
                UserData = HostReference.New(metastore),
#if NET8_0_OR_GREATER
                Load = (IntPtr)(delegate* unmanaged[Cdecl]<
                    void*, byte*, UIntPtr, long, Native.AsherahReply*, int>)&Load,
                LoadLatest = (IntPtr)(delegate* unmanaged[Cdecl]<
                    void*, byte*, UIntPtr, Native.AsherahReply*, int>)&LoadLatest,
                Store = (IntPtr)(delegate* unmanaged[Cdecl]<
                    void*, byte*, UIntPtr, long, byte*, UIntPtr, Native.AsherahReply*, int>)&Store,
                KeySuffix = (IntPtr)(delegate* unmanaged[Cdecl]<void*, Native.AsherahReply*, int>)&KeySuffix,
                Release = (IntPtr)(delegate* unmanaged[Cdecl]<void*, void>)&Release,
#else
                Load = HostFunctions.ToNative(LoadFunction),
                LoadLatest = HostFunctions.ToNative(LoadLatestFunction),
                Store = HostFunctions.ToNative(StoreFunction),
                KeySuffix = HostFunctions.ToNative(KeySuffixFunction),
                Release = HostFunctions.ToNative(ReleaseFunction),
#endif
            };
            return HostReference.Taken(Native.asherah_metastore_new_from_callbacks(&functions), functions.UserData);
        }

        /// <summary>Wraps what failed while a key was stored as canonical Asherah does. A system key is made for an
        /// intermediate one.</summary>
        internal static AppEncryptionException StoreFailure(Exception cause, bool systemKey)
        {
            return new AppEncryptionException(
                "Unable to store new Intermediate Key",
                systemKey ? new AppEncryptionException("Unable to store new System Key", cause) : cause);
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int Load(void* userData, byte* id, UIntPtr idLength, long created, Native.AsherahReply* reply)
        {
            bool before = Timers.Called();
            try
            {
                if (!RecordMembers.IsTime(created))
                {
                    return Native.Absent; // no key was created at a time that no clock shows
                }

                var metastore = HostReference.Target<IMetastore<JObject>>(userData);
                return Answer(
                    reply,
                    metastore.Load(HostReply.Text(id, idLength), DateTimeOffset.FromUnixTimeSeconds(created)),
                    created);
            }
            catch (Exception e) when (Guard.Holds(Guarded.Callback))
            {
                return HostReply.Fail(reply, "IMetastore.Load", e);
            }
            finally
            {
                Timers.Returned(before);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int LoadLatest(void* userData, byte* id, UIntPtr idLength, Native.AsherahReply* reply)
        {
            bool before = Timers.Called();
            try
            {
                var metastore = HostReference.Target<IMetastore<JObject>>(userData);
                return Answer(reply, metastore.LoadLatest(HostReply.Text(id, idLength)));
            }
            catch (Exception e) when (Guard.Holds(Guarded.Callback))
            {
                return HostReply.Fail(reply, "IMetastore.LoadLatest", e);
            }
            finally
            {
                Timers.Returned(before);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int Store(
            void* userData,
            byte* id,
            UIntPtr idLength,
            long created,
            byte* record,
            UIntPtr recordLength,
            Native.AsherahReply* reply)
        {
            bool systemKey = false;
            bool before = Timers.Called();
            try
            {
                var metastore = HostReference.Target<IMetastore<JObject>>(userData);
                JObject value = KeyRecordText.Parse(HostReply.Bytes(record, recordLength));
                systemKey = value["ParentKeyMeta"] == null;
                bool stored = metastore.Store(
                    HostReply.Text(id, idLength), DateTimeOffset.FromUnixTimeSeconds(created), value);
                return stored ? Status.Ok : Native.Duplicate;
            }
            catch (Exception e) when (Guard.Holds(Guarded.Callback))
            {
                return HostReply.Fail(reply, "IMetastore.Store", StoreFailure(e, systemKey));
            }
            finally
            {
                Timers.Returned(before);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int KeySuffix(void* userData, Native.AsherahReply* reply)
        {
            try
            {
                HostReply.Put(
                    reply, HostReference.Target<IMetastore<JObject>>(userData).GetKeySuffix() ?? string.Empty);
                return Status.Ok;
            }
            catch (Exception e) when (Guard.Holds(Guarded.Callback))
            {
                return HostReply.Fail(reply, "IMetastore.GetKeySuffix", e);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static void Release(void* userData)
        {
            HostReference.Free(userData);
        }

        private static int Answer(Native.AsherahReply* reply, Option<JObject> found, long? created = null)
        {
            if (found.IsNone)
            {
                return Native.Absent;
            }

            HostReply.Put(reply, KeyRecordText.Format((JObject)found, created));
            return Status.Ok;
        }
    }
}
