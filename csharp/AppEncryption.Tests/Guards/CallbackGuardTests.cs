#if ASHERAH_GUARDS
using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using App.Metrics;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Diagnostics;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.AppEncryption.Kms;
using GoDaddy.Asherah.AppEncryption.Tests.Callbacks;
using GoDaddy.Asherah.AppEncryption.Tests.Logging;
using GoDaddy.Asherah.AppEncryption.Util;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.AppEncryption.Tests.Guards
{
    /// <summary>What goes wrong between the library and the application's code without each guard, and not with
    /// it.</summary>
    public sealed class CallbackGuardTests
    {
        public static TheoryData<bool> Both => new TheoryData<bool> { true, false };

        [Theory]
        [MemberData(nameof(Both))]
        public void WhatACallbackThrowsEndsTheProcess(bool holds)
        {
            Assert.Equal(holds, Child.Survives(holds, Guarded.Callback));
        }

        [Theory]
        [MemberData(nameof(Both))]
        public void ACallThatIsLetGoBeforeItsEndEndsTheProcess(bool holds)
        {
            Assert.Equal(holds, Child.Survives(holds, Guarded.CallUnderWay));
        }

        [Theory]
        [MemberData(nameof(Both))]
        public void AnExceptionDoesNotReachOtherThreads(bool holds)
        {
            using Without guard = Without.Unless(holds, Guarded.KeptException);
            int status = 0;
            Run(() => status = HostExceptions.Keep(new TimeoutException()));
            Exception thrown = Record.Exception(() => HostExceptions.Throw(status));
            Assert.Equal(holds, thrown is TimeoutException);
        }

        [Theory]
        [MemberData(nameof(Both))]
        public void AnExceptionIsLostAmongThoseOfOthers(bool holds)
        {
            using Without guard = Without.Unless(holds, Guarded.OwnException);
            int status = HostExceptions.Keep(new TimeoutException("mine"));
            Run(() => Enumerable.Range(0, 2 * HostExceptions.Capacity).ToList()
                .ForEach(_ => HostExceptions.Keep(new InvalidOperationException())));
            Exception error = NativeErrorOf(status);
            Assert.Equal(holds, error is TimeoutException);
            Assert.Equal(!holds, error is AppEncryptionException);
        }

        [Theory]
        [MemberData(nameof(Both))]
        public void AStoreThatOnlyTheLibraryKnowsIsCollected(bool holds)
        {
            using Without guard = Without.Unless(holds, Guarded.Reference);
            using SessionFactory factory = FactoryOnForgottenStore();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            Exception error = Record.Exception(() => Hosted.Encrypt(factory));
            Assert.Equal(holds, error == null);
        }

        [Theory]
        [MemberData(nameof(Both))]
        public void WhatTheLibraryDoesNotTakeStays(bool holds)
        {
            using Without guard = Without.Unless(holds, Guarded.ReferenceNotTaken);
            int before = HostReference.Count;
            var store = new MapMetastore { Before = (method, id) => throw new TimeoutException("mine") };
            Assert.Throws<TimeoutException>(() => Hosted.NewFactory(store));
            Assert.Equal(holds ? before : before + 1, HostReference.Count);
        }

        [Theory]
        [MemberData(nameof(Both))]
        public void AKeyStaysInMemoryWhenThereIsNoLockedMemoryForIt(bool holds)
        {
            using Without guard = Without.Unless(holds, Guarded.KeyWipe);
            byte[] seen = null;
            Guard.Meeting = (place, what) =>
            {
                if (place == Guarded.KeyWipe)
                {
                    seen = (byte[])what;
                    Assert.Contains(seen, b => b != 0);
                    throw new InsufficientMemoryException();
                }
            };
            using SessionFactory factory = SessionFactory.NewBuilder("product", "service")
                .WithInMemoryMetastore()
                .WithNeverExpiredCryptoPolicy()
                .WithKeyManagementService(new OwnKms())
                .Build();
            Exception error = Record.Exception(() => Hosted.Encrypt(factory));
            Assert.IsType<InsufficientMemoryException>(error.GetBaseException());
            Assert.Equal(32, seen.Length);
            Assert.Equal(holds, seen.All(b => b == 0));
        }

        [Theory]
        [MemberData(nameof(Both))]
        public void APartIsTimedTwiceAfterACallbackWithinACallback(bool holds)
        {
            using Without guard = Without.Unless(holds, Guarded.NestedCall);
            (IMetrics metrics, _) = MetricsRecorder.New();
            MetricsUtil.SetMetricsInstance(metrics);
            bool outer = Timers.Called();
            try
            {
                bool inner = Timers.Called();
                Timers.Returned(inner);
                Assert.Equal(holds, Timers.Begin() == 0);
            }
            finally
            {
                Timers.Returned(outer);
                MetricsUtil.SetMetricsInstance(null);
            }
        }

        private static Exception NativeErrorOf(int status)
        {
            Action fail = () => throw NativeError.FromStatus(status, "the words of the library");
            return Record.Exception(fail);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static SessionFactory FactoryOnForgottenStore()
        {
            return Hosted.NewFactory(new MapMetastore());
        }

        private static void Run(ThreadStart action)
        {
            var thread = new Thread(action);
            thread.Start();
            thread.Join();
        }

        private sealed class OwnKms : IKeyManagementService
        {
            public byte[] EncryptKey(CryptoKey key) => throw new NotSupportedException();

            public CryptoKey DecryptKey(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked) =>
                throw new NotSupportedException();

            public Task<byte[]> EncryptKeyAsync(CryptoKey key) => throw new NotSupportedException();

            public Task<CryptoKey> DecryptKeyAsync(byte[] keyCipherText, DateTimeOffset keyCreated, bool revoked) =>
                throw new NotSupportedException();
        }
    }
}
#endif
