using System;
#if NET8_0_OR_GREATER
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
#endif
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Callbacks
{
    /// <summary>Policies that the library asks at each decision.</summary>
    internal static unsafe class HostPolicy
    {
#if !NET8_0_OR_GREATER
        private static readonly HostFunctions.TruthAt IsKeyExpiredFunction = IsKeyExpired;
        private static readonly HostFunctions.Number RevokeCheckPeriodFunction = RevokeCheckPeriod;
        private static readonly HostFunctions.Truth CanCacheSystemKeysFunction = CanCacheSystemKeys;
        private static readonly HostFunctions.Truth CanCacheIntermediateKeysFunction = CanCacheIntermediateKeys;
        private static readonly HostFunctions.Truth IsQueuedRotationFunction = IsQueuedRotation;
        private static readonly HostFunctions.Truth NotifyExpiredSystemKeyFunction = NotifyExpiredSystemKey;
        private static readonly HostFunctions.Truth NotifyExpiredIntermediateKeyFunction = NotifyExpiredIntermediateKey;
        private static readonly HostFunctions.NumberAt TruncateSystemKeyFunction = TruncateSystemKey;
        private static readonly HostFunctions.NumberAt TruncateIntermediateKeyFunction = TruncateIntermediateKey;
        private static readonly HostFunctions.Release ReleaseFunction = Release;
#endif

        /// <summary>
        /// Says whether a policy must be asked. The two of this family are written into the configuration, where they
        /// cost nothing; not so what is derived from them, or has no lifetime or no check interval.
        /// </summary>
        internal static bool IsAsked(CryptoPolicy policy)
        {
            return policy.GetType() == typeof(BasicExpiringCryptoPolicy)
                ? !((BasicExpiringCryptoPolicy)policy).IsConfigurable
                : policy.GetType() != typeof(NeverExpiredCryptoPolicy);
        }

        /// <summary>Fills a table, which the library releases; if no factory is made of it, <see cref="Abandon"/>
        /// does.</summary>
        internal static void Fill(Native.AsherahPolicyCallbacks* functions, CryptoPolicy policy)
        {
            *functions = new Native.AsherahPolicyCallbacks
            {
                Size = (UIntPtr)sizeof(Native.AsherahPolicyCallbacks),
                Version = Native.CallbacksVersion,
                UserData = HostReference.New(policy),
#if NET8_0_OR_GREATER
                IsKeyExpired = (IntPtr)(delegate* unmanaged[Cdecl]<void*, long, int>)&IsKeyExpired,
                RevokeCheckPeriodMs = (IntPtr)(delegate* unmanaged[Cdecl]<void*, long>)&RevokeCheckPeriod,
                CanCacheSystemKeys = (IntPtr)(delegate* unmanaged[Cdecl]<void*, int>)&CanCacheSystemKeys,
                CanCacheIntermediateKeys = (IntPtr)(delegate* unmanaged[Cdecl]<void*, int>)&CanCacheIntermediateKeys,
                IsQueuedRotation = (IntPtr)(delegate* unmanaged[Cdecl]<void*, int>)&IsQueuedRotation,
                NotifyExpiredSystemKeyOnRead =
                    (IntPtr)(delegate* unmanaged[Cdecl]<void*, int>)&NotifyExpiredSystemKey,
                NotifyExpiredIntermediateKeyOnRead =
                    (IntPtr)(delegate* unmanaged[Cdecl]<void*, int>)&NotifyExpiredIntermediateKey,
                TruncateSystemKey = (IntPtr)(delegate* unmanaged[Cdecl]<void*, long, long>)&TruncateSystemKey,
                TruncateIntermediateKey =
                    (IntPtr)(delegate* unmanaged[Cdecl]<void*, long, long>)&TruncateIntermediateKey,
                Release = (IntPtr)(delegate* unmanaged[Cdecl]<void*, void>)&Release,
#else
                IsKeyExpired = HostFunctions.ToNative(IsKeyExpiredFunction),
                RevokeCheckPeriodMs = HostFunctions.ToNative(RevokeCheckPeriodFunction),
                CanCacheSystemKeys = HostFunctions.ToNative(CanCacheSystemKeysFunction),
                CanCacheIntermediateKeys = HostFunctions.ToNative(CanCacheIntermediateKeysFunction),
                IsQueuedRotation = HostFunctions.ToNative(IsQueuedRotationFunction),
                NotifyExpiredSystemKeyOnRead = HostFunctions.ToNative(NotifyExpiredSystemKeyFunction),
                NotifyExpiredIntermediateKeyOnRead = HostFunctions.ToNative(NotifyExpiredIntermediateKeyFunction),
                TruncateSystemKey = HostFunctions.ToNative(TruncateSystemKeyFunction),
                TruncateIntermediateKey = HostFunctions.ToNative(TruncateIntermediateKeyFunction),
                Release = HostFunctions.ToNative(ReleaseFunction),
#endif
            };
        }

        /// <summary>Gives back what <see cref="Fill"/> has taken.</summary>
        internal static void Abandon(Native.AsherahPolicyCallbacks* functions)
        {
            HostReference.Free(functions->UserData);
            *functions = default;
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int IsKeyExpired(void* userData, long created)
        {
            try
            {
                return Truth(Policy(userData).IsKeyExpired(DateTimeOffset.FromUnixTimeSeconds(created)));
            }
            catch (Exception e)
            {
                return HostExceptions.Keep(e);
            }
        }

        // Negative periods, which canonical Asherah takes, are over at once.
#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static long RevokeCheckPeriod(void* userData)
        {
            try
            {
                return Math.Max(0, Policy(userData).GetRevokeCheckPeriodMillis());
            }
            catch (Exception e)
            {
                return HostExceptions.Keep(e);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int CanCacheSystemKeys(void* userData)
        {
            try
            {
                return Truth(Policy(userData).CanCacheSystemKeys());
            }
            catch (Exception e)
            {
                return HostExceptions.Keep(e);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int CanCacheIntermediateKeys(void* userData)
        {
            try
            {
                return Truth(Policy(userData).CanCacheIntermediateKeys());
            }
            catch (Exception e)
            {
                return HostExceptions.Keep(e);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int IsQueuedRotation(void* userData)
        {
            try
            {
                return Truth(Policy(userData).IsQueuedKeyRotation());
            }
            catch (Exception e)
            {
                return HostExceptions.Keep(e);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int NotifyExpiredSystemKey(void* userData)
        {
            try
            {
                return Truth(Policy(userData).NotifyExpiredSystemKeyOnRead());
            }
            catch (Exception e)
            {
                return HostExceptions.Keep(e);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static int NotifyExpiredIntermediateKey(void* userData)
        {
            try
            {
                return Truth(Policy(userData).NotifyExpiredIntermediateKeyOnRead());
            }
            catch (Exception e)
            {
                return HostExceptions.Keep(e);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static long TruncateSystemKey(void* userData, long created)
        {
            try
            {
                return Policy(userData)
                    .TruncateToSystemKeyPrecision(DateTimeOffset.FromUnixTimeSeconds(created))
                    .ToUnixTimeSeconds();
            }
            catch (Exception e)
            {
                return HostExceptions.Keep(e);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static long TruncateIntermediateKey(void* userData, long created)
        {
            try
            {
                return Policy(userData)
                    .TruncateToIntermediateKeyPrecision(DateTimeOffset.FromUnixTimeSeconds(created))
                    .ToUnixTimeSeconds();
            }
            catch (Exception e)
            {
                return HostExceptions.Keep(e);
            }
        }

#if NET8_0_OR_GREATER
        [UnmanagedCallersOnly(CallConvs = new[] { typeof(CallConvCdecl) })]
#endif
        private static void Release(void* userData)
        {
            HostReference.Free(userData);
        }

        private static CryptoPolicy Policy(void* userData)
        {
            return HostReference.Target<CryptoPolicy>(userData);
        }

        private static int Truth(bool decision)
        {
            return decision ? 1 : 0;
        }
    }
}
