using System;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Exceptions;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>What metastores and key management services of the user see, and what becomes of what they
    /// throw.</summary>
    public sealed class StoreCallTests
    {
        private readonly RecordingMetastore metastore = new RecordingMetastore();
        private readonly OwnKms kms = new OwnKms();

        public static TheoryData<string> Engines => Engine.Both;

        [Theory]
        [MemberData(nameof(Engines))]
        public void AColdEncryptOnAnEmptyStoreMakesBothKeys(string engine)
        {
            Encrypt(engine);
            Assert.Equal("GetKeySuffix, LoadLatest IK, LoadLatest SK, Store SK, Store IK", metastore.Calls());
            Assert.Equal(1, kms.Encrypted);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AColdEncryptLoadsTheLatestKeyAndItsParent(string engine)
        {
            Encrypt(engine);
            metastore.Calls();
            Encrypt(engine);
            Assert.Equal("GetKeySuffix, LoadLatest IK, Load SK", metastore.Calls());
            Assert.Equal(1, kms.Decrypted);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AColdDecryptLoadsTheKeyAndItsParent(string engine)
        {
            byte[] record = Encrypt(engine);
            metastore.Calls();
            using SessionFactory factory = Engine.Build(engine, metastore, kms: kms);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Equal("text", TestSetup.Text(session.Decrypt(record)));
            Assert.Equal("GetKeySuffix, Load IK, Load SK", metastore.Calls());
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void WarmCallsAskNobody(string engine)
        {
            using SessionFactory factory = Engine.Build(engine, metastore, kms: kms);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            session.Decrypt(session.Encrypt(new byte[1]));
            metastore.Calls();
            for (int i = 0; i < 10; i++)
            {
                session.Decrypt(session.Encrypt(new byte[1]));
            }

            Assert.Empty(metastore.Calls());
            Assert.Equal(0, kms.Decrypted);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void WhatLoadLatestThrowsComesBackAsItself(string engine)
        {
            var thrown = new TimeoutException("slow");
            metastore.Before = call => ThrowOn("LoadLatest IK", call, thrown);
            Assert.Same(thrown, Assert.Throws<TimeoutException>(() => Encrypt(engine)));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void WhatLoadThrowsComesBackAsItself(string engine)
        {
            byte[] record = Encrypt(engine);
            var thrown = new TimeoutException("slow");
            metastore.Before = call => ThrowOn("Load IK", call, thrown);
            using SessionFactory factory = Engine.Build(engine, metastore, kms: kms);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Same(thrown, Assert.Throws<TimeoutException>(() => session.Decrypt(record)));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void WhatDecryptKeyThrowsComesBackAsItself(string engine)
        {
            byte[] record = Encrypt(engine);
            kms.OnDecrypt = new KmsException("no");
            using SessionFactory factory = Engine.Build(engine, metastore, kms: kms);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            Assert.Same(kms.OnDecrypt, Assert.Throws<KmsException>(() => session.Decrypt(record)));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void WhatStoreThrowsIsTheCauseOfWhatComesBack(string engine)
        {
            var thrown = new TimeoutException("slow");
            metastore.Before = call => ThrowOn("Store IK", call, thrown);
            var e = Assert.Throws<AppEncryptionException>(() => Encrypt(engine));
            Assert.Equal("Unable to store new Intermediate Key", e.Message);
            Assert.Same(thrown, e.InnerException);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void WhatStoreThrowsForASystemKeyIsTwoCausesDown(string engine)
        {
            var thrown = new TimeoutException("slow");
            metastore.Before = call => ThrowOn("Store SK", call, thrown);
            AssertSystemKeyFailure(thrown, Assert.Throws<AppEncryptionException>(() => Encrypt(engine)));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void WhatEncryptKeyThrowsIsTwoCausesDown(string engine)
        {
            kms.OnEncrypt = new KmsException("no");
            AssertSystemKeyFailure(kms.OnEncrypt, Assert.Throws<AppEncryptionException>(() => Encrypt(engine)));
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AStoreThatRefusesAndHasNothingIsAnError(string engine)
        {
            metastore.RefusesToStore = true;
            Assert.Throws<AppEncryptionException>(() => Encrypt(engine));
            Assert.Empty(metastore.Records);
        }

        [Theory]
        [MemberData(nameof(Engines))]
        public void AStoreThatFailedOnceWorksAgain(string engine)
        {
            using SessionFactory factory = Engine.Build(engine, metastore, kms: kms);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            metastore.Before = call => throw new TimeoutException("slow");
            Assert.Throws<TimeoutException>(() => session.Encrypt(new byte[1]));
            metastore.Before = call => { };
            Assert.Equal(new byte[1], session.Decrypt(session.Encrypt(new byte[1])));
        }

        /// <summary>Canonical Asherah throws here until the minute is over.</summary>
        [Theory]
        [MemberData(nameof(Engines))]
        public void AKeyWhoseParentExpiresWithinItsMinuteIsReplaced(string engine)
        {
            // Creation times of a day: the one of the new intermediate key is taken by that which is there.
            var policy = new OwnPolicy { Precision = TimeSpan.FromDays(1) };
            Build(engine, policy);
            metastore.AgeSystemKeys(TimeSpan.FromDays(9));
            policy.Expired = created => created < DateTimeOffset.UtcNow.AddDays(-5);
            metastore.Calls();
            Build(engine, policy);
            Assert.EndsWith("Store SK, Store IK", metastore.Calls(), StringComparison.Ordinal);
            Assert.Equal(4, metastore.Records.Count);
        }

        private static void ThrowOn(string name, string call, Exception exception)
        {
            if (call == name)
            {
                throw exception;
            }
        }

        private static void AssertSystemKeyFailure(Exception cause, AppEncryptionException e)
        {
            Assert.Equal("Unable to store new Intermediate Key", e.Message);
            Assert.Equal("Unable to store new System Key", e.InnerException.Message);
            Assert.IsType<AppEncryptionException>(e.InnerException);
            Assert.Same(cause, e.InnerException.InnerException);
        }

        private byte[] Encrypt(string engine)
        {
            return Build(engine, new NeverExpiredCryptoPolicy());
        }

        private byte[] Build(string engine, CryptoPolicy policy)
        {
            using SessionFactory factory = Engine.Build(engine, metastore, policy, kms);
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            return session.Encrypt(TestSetup.Bytes("text"));
        }
    }
}
