using System;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    public sealed class LeakTests
    {
        [Fact]
        public void NothingIsLeftAfterTheLastDispose()
        {
            // What earlier tests left to the finaliser does not count here.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            SessionFactory factory = TestSetup.NewFactory();
            Session<byte[], byte[]> session = factory.GetSessionBytes("partition");
            byte[] record = session.Encrypt(new byte[10]);
            session.Decrypt(record);
            Assert.True(Statistics.LiveSecrets() > 0);
            Assert.True(Statistics.OpenFactories() > 0);
            Assert.True(Statistics.OpenSessions() > 0);
            factory.Dispose();
            session.Decrypt(record);
            session.Dispose();
            Wait.Until(() => Statistics.OpenSessions() == 0, "sessions are left");
            Wait.Until(() => Statistics.OpenFactories() == 0, "factories are left");
            Wait.Until(() => Statistics.LiveSecrets() == 0, "secrets are left: " + Statistics.Read());
        }

        [Fact]
        public void FailedCallsLeaveNothing()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using (SessionFactory factory = TestSetup.NewFactory())
            using (Session<byte[], byte[]> session = factory.GetSessionBytes("partition"))
            {
                byte[] record = session.Encrypt(new byte[10]);
                record[^5] = record[^5] == (byte)'A' ? (byte)'B' : (byte)'A';
                for (int i = 0; i < 100; i++)
                {
                    Assert.ThrowsAny<Exception>(() => session.Decrypt(record));
                    Assert.ThrowsAny<Exception>(() => session.Decrypt(TestSetup.Bytes("{")));
                }
            }

            Assert.ThrowsAny<ArgumentException>(() => SessionFactory.NewBuilder("p", "s")
                .WithNativeConfiguration("{\"Metastore\":\"sqlite\",\"NoSuchField\":1}")
                .WithNeverExpiredCryptoPolicy()
                .WithStaticKeyManagementService(TestSetup.Key)
                .Build());
            Wait.Until(() => Statistics.LiveSecrets() == 0, "secrets are left: " + Statistics.Read());
        }
    }
}
