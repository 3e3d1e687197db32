using System;
using System.Collections.Generic;
using GoDaddy.Asherah.AppEncryption.Persistence;
using LanguageExt;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    public sealed class PersistenceTests
    {
        [Fact]
        public void StoreWithoutAKeyMakesOne()
        {
            var kept = new Dictionary<string, byte[]>();
            Persistence<byte[]> persistence = Over(kept);
            string one = persistence.Store(new byte[] { 1 });
            string other = persistence.Store(new byte[] { 1 });
            Assert.NotEqual(one, other);
            Assert.Equal(one, Guid.ParseExact(one, "D").ToString("D"));
            Assert.Equal(new byte[] { 1 }, kept[one]);
            Assert.Equal(2, kept.Count);
        }

        [Fact]
        public void WhatIsMissingIsNone()
        {
            Assert.True(Over(new Dictionary<string, byte[]>()).Load("key").IsNone);
            Assert.True(new AdhocPersistence<byte[]>(_ => (byte[])null, (_, __) => { }).Load("key").IsNone);
        }

        [Fact]
        public void FunctionsAreNeeded()
        {
            Assert.Throws<ArgumentNullException>("load", () => new AdhocPersistence<string>(null, (_, __) => { }));
            Assert.Throws<ArgumentNullException>("store", () => new AdhocPersistence<string>(_ => "x", null));
        }

        [Fact]
        public void SessionsLoadAndStoreThroughIt()
        {
            var kept = new Dictionary<string, byte[]>();
            Persistence<byte[]> persistence = Over(kept);
            using SessionFactory factory = TestSetup.NewFactory();
            using Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            string key = session.Store(new byte[] { 1, 2 }, persistence);
            session.Store("own", new byte[] { 3 }, persistence);
            Assert.Equal(2, kept.Count);
            Assert.Equal(new byte[] { 1, 2 }, (byte[])session.Load(key, persistence));
            Assert.Equal(new byte[] { 3 }, (byte[])session.Load("own", persistence));
            Assert.True(session.Load("missing", persistence).IsNone);
        }

        private static AdhocPersistence<byte[]> Over(Dictionary<string, byte[]> kept)
        {
            return new AdhocPersistence<byte[]>(
                key => kept.TryGetValue(key, out byte[] found) ? found : Option<byte[]>.None,
                (key, value) => kept[key] = value);
        }
    }
}
