using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Configuration;

namespace GoDaddy.Asherah.SecureMemory.Tests
{
    /// <summary>When a secret is freed: after its last use, once, by the finaliser at the latest.</summary>
    public sealed class LifetimeTests
    {
        public static TheoryData<string> Memories => TestSetup.Memories;

        [Theory]
        [MemberData(nameof(Memories))]
        public void DisposeFreesOnce(string memory)
        {
            long before = TestSetup.LiveSecrets(memory);
            Secret first = TestSetup.Secret(memory, 1);
            Secret second = TestSetup.Secret(memory, 2);
            Assert.Equal(before + 2, TestSetup.LiveSecrets(memory));
            first.Dispose();
            first.Dispose();
            Assert.Equal(before + 1, TestSetup.LiveSecrets(memory));
            Assert.Equal(2, second.WithSecretBytes(bytes => bytes[0]));
            second.Dispose();
            Assert.Equal(before, TestSetup.LiveSecrets(memory));
        }

        [Theory]
        [MemberData(nameof(Memories))]
        public unsafe void ASecretInUseOutlivesDispose(string memory)
        {
            long before = TestSetup.LiveSecrets(memory);
            Secret secret = TestSetup.Secret(memory, 42);
            int seen = secret.WithSecretIntPtr((address, length) =>
            {
                var other = new Thread(secret.Dispose);
                other.Start();
                Assert.True(other.Join(TimeSpan.FromSeconds(30)), "Dispose waits for a use");
                Assert.Throws<InvalidOperationException>(() => secret.WithSecretBytes(bytes => true));
                Assert.Equal(before + 1, TestSetup.LiveSecrets(memory));
                return *(byte*)address;
            });
            Assert.Equal(42, seen);
            Assert.Equal(before, TestSetup.LiveSecrets(memory));
        }

        [Theory]
        [MemberData(nameof(Memories))]
        public void TheFinaliserFrees(string memory)
        {
            long before = TestSetup.LiveSecrets(memory);
            Forget(memory, 100);
            TestSetup.WaitUntil(() => TestSetup.LiveSecrets(memory) <= before, "forgotten secrets are left");
        }

        [Theory]
        [MemberData(nameof(Memories))]
        public void ThreadsUseAndDisposeSecrets(string memory)
        {
            long before = TestSetup.LiveSecrets(memory);
            for (int round = 0; round < 50; round++)
            {
                Secret secret = TestSetup.Secret(memory, 5, 6, 7);
                Parallel.For(0, 20, i =>
                {
                    if (i == 13)
                    {
                        secret.Dispose();
                        return;
                    }

                    try
                    {
                        using Secret copy = secret.CopySecret();
                        Assert.Equal(18, copy.WithSecretBytes(bytes => bytes[0] + bytes[1] + bytes[2]));
                        Assert.Equal(18, secret.WithSecretBytes(bytes => bytes[0] + bytes[1] + bytes[2]));
                    }
                    catch (InvalidOperationException)
                    {
                        // Disposed of by the other.
                    }
                });
                secret.Dispose();
            }

            Assert.Equal(before, TestSetup.LiveSecrets(memory));
        }

        [Theory]
        [InlineData(null, false)]
        [InlineData("true", true)]
        public void AMissingDisposeIsReportedIfAsked(string require, bool reported)
        {
            IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection().Build();
            configuration["requireSecretDisposal"] = require;
            configuration["debugSecrets"] = "true";
            var settings = new SecretSettings(configuration);
            var listener = new Listener();
            Trace.Listeners.Add(listener);
            try
            {
                Forget(TestSetup.Native, 1, settings);
                SecureMemorySecret.Move(new byte[1], TestSetup.Memory(TestSetup.Native), settings).Dispose();
                if (reported)
                {
                    TestSetup.WaitUntil(() => listener.Text != null, "nothing is reported");
                    Assert.Contains(nameof(Forget), listener.Text, StringComparison.Ordinal);
                }

                GC.Collect();
                GC.WaitForPendingFinalizers();
                Assert.Equal(reported ? 1 : 0, listener.Count);
            }
            finally
            {
                Trace.Listeners.Remove(listener);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Forget(string memory, int count, SecretSettings settings = null)
        {
            for (int i = 0; i < count; i++)
            {
                SecureMemorySecret.Move(new byte[] { 1 }, TestSetup.Memory(memory), settings ?? TestSetup.NoSettings);
            }
        }

        private sealed class Listener : TraceListener
        {
            internal string Text { get; private set; }

            internal int Count { get; private set; }

            public override void Write(string message)
            {
            }

            public override void WriteLine(string message)
            {
                Text = message;
                Count++;
            }
        }
    }
}
