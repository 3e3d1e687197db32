using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using GoDaddy.Asherah.PlatformNative.LP64.Libc;
using GoDaddy.Asherah.PlatformNative.LP64.Linux.Enums;
using GoDaddy.Asherah.SecureMemory.Locked;

namespace GoDaddy.Asherah.SecureMemory.Tests
{
    /// <summary>Pages that this assembly locks itself, as the kernel sees them.</summary>
    public sealed unsafe class ManagedLockedMemoryTests
    {
        [Theory]
        [InlineData(32)]
        [InlineData(5000)]
        public void PagesAreLockedAndStayOutOfDumpsAndChildren(int size)
        {
            using Secret locked = TestSetup.Secret(TestSetup.Managed, new byte[size]);
            using Secret unlocked = TestSetup.Secret(TestSetup.Unlocked, new byte[size]);
            Assert.Superset(new HashSet<string> { "lo", "dd", "dc" }, Flags(locked));
            Assert.Superset(new HashSet<string> { "dd", "dc" }, Flags(unlocked));
            Assert.DoesNotContain("lo", Flags(unlocked));
        }

        [Fact]
        public void AFreedPlaceIsWiped()
        {
            using Secret keepsThePage = TestSetup.Secret(TestSetup.Managed, 1);
            Secret secret = TestSetup.Secret(TestSetup.Managed, Enumerable.Repeat((byte)0xA5, 64).ToArray());
            byte* place = secret.WithSecretIntPtr((address, length) => address) is IntPtr p ? (byte*)p : null;
            byte* kept = (byte*)keepsThePage.WithSecretIntPtr((address, length) => address);
            Assert.Equal((long)kept / Environment.SystemPageSize, (long)place / Environment.SystemPageSize);
            Assert.Equal(0xA5, place[63]);
            secret.Dispose();
            Assert.True(new Span<byte>(place, 64).TrimStart((byte)0).IsEmpty, "the place is not wiped");
        }

        [Fact]
        public void ManySecretsShareFewPages()
        {
            ManagedLockedMemory memory = ManagedLockedMemory.Locked;
            TestSetup.WaitUntil(() => memory.LiveSecrets == 0, "secrets of other tests are left");
            long before = memory.LockedBytes;
            List<Secret> secrets = Enumerable.Range(0, 1000)
                .Select(i => TestSetup.Secret(TestSetup.Managed, BitConverter.GetBytes(i)))
                .ToList();
            int slotsOfAPage = Environment.SystemPageSize / ManagedLockedMemory.SlotSize;
            int pages = (1000 + slotsOfAPage - 1) / slotsOfAPage;
            Assert.True(memory.LockedBytes <= pages * Environment.SystemPageSize, "more pages than needed");
            for (int i = 0; i < 1000; i++)
            {
                Assert.Equal(i, secrets[i].WithSecretBytes(bytes => BitConverter.ToInt32(bytes)));
            }

            // Freed in another order than made; what is left is as it was, and a page or two stay for the next secret.
            foreach (Secret secret in secrets.Where((s, i) => i % 3 == 0))
            {
                secret.Dispose();
            }

            for (int i = 1; i < 1000; i += 3)
            {
                Assert.Equal(i, secrets[i].WithSecretBytes(bytes => BitConverter.ToInt32(bytes)));
            }

            secrets.ForEach(secret => secret.Dispose());
            Assert.Equal(0, memory.LiveSecrets);
            Assert.True(
                memory.LockedBytes <= Math.Max(before, Environment.SystemPageSize),
                "pages are left: " + memory.LockedBytes);
        }

        [Fact]
        public void WhereLockingIsRefusedSecretsAreKeptWithAWarning()
        {
            ManagedLockedMemory memory = ManagedLockedMemory.Locked;
            long before = memory.UnlockedBytes;
            Assert.Equal(0, LibcLP64.getrlimit((int)RlimitResource.RLIMIT_MEMLOCK, out rlimit limit));
            var warning = new StringWriter();
            var listener = new TextWriterTraceListener(warning);
            Trace.Listeners.Add(listener);
            try
            {
                var none = new rlimit { rlim_cur = 0, rlim_max = limit.rlim_max };
                Assert.Equal(0, LibcLP64.setrlimit((int)RlimitResource.RLIMIT_MEMLOCK, none));
                OnThreadWithoutCapabilities(() =>
                {
                    using Secret secret = TestSetup.Secret(TestSetup.Managed, new byte[8192]);
                    Assert.DoesNotContain("lo", Flags(secret));
                    Assert.Equal(before + 8192, memory.UnlockedBytes);
                });
            }
            finally
            {
                LibcLP64.setrlimit((int)RlimitResource.RLIMIT_MEMLOCK, limit);
                Trace.Listeners.Remove(listener);
            }

            Assert.Contains("not locked", warning.ToString(), StringComparison.Ordinal);
            Assert.Equal(before, memory.UnlockedBytes);
        }

        // The flags of the mapping that a secret lies in.
        private static HashSet<string> Flags(Secret secret)
        {
            ulong address = secret.WithSecretIntPtr((start, length) => (ulong)start);
            bool inside = false;
            foreach (string line in File.ReadLines("/proc/self/smaps"))
            {
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                string[] range = words[0].Split('-');
                if (range.Length == 2 && ulong.TryParse(range[0], NumberStyles.HexNumber, null, out ulong start))
                {
                    inside = start <= address && address < ulong.Parse(range[1], NumberStyles.HexNumber, null);
                }
                else if (inside && words[0] == "VmFlags:")
                {
                    return words.Skip(1).ToHashSet();
                }
            }

            throw new InvalidOperationException("The secret lies in no mapping.");
        }

        // Capabilities are those of a thread: with CAP_IPC_LOCK no limit is kept.
        private static void OnThreadWithoutCapabilities(Action action)
        {
            Exception failure = null;
            var thread = new Thread(() =>
            {
                try
                {
                    uint* header = stackalloc uint[] { 0x20080522, 0 };
                    uint* none = stackalloc uint[6];
                    Assert.Equal(0, capset(header, none));
                    action();
                }
                catch (Exception e)
                {
                    failure = e;
                }
            });
            thread.Start();
            thread.Join();
            Assert.Null(failure);
        }

        [DllImport("libc", SetLastError = true)]
        private static extern int capset(uint* header, uint* data);
    }
}
