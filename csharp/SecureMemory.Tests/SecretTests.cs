using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace GoDaddy.Asherah.SecureMemory.Tests
{
    /// <summary>What a secret gives out, and what is left of it.</summary>
    public sealed class SecretTests
    {
        public static TheoryData<string> Memories => TestSetup.Memories;

        public static TheoryData<string, int> Sizes
        {
            get
            {
                var data = new TheoryData<string, int>();
                foreach (string memory in new[] { TestSetup.Native, TestSetup.Managed, TestSetup.Unlocked })
                {
                    foreach (int size in new[] { 1, 32, 64, 65, 4096, 4097, 16 * 1024 * 1024 })
                    {
                        data.Add(memory, size);
                    }
                }

                return data;
            }
        }

        [Theory]
        [MemberData(nameof(Sizes))]
        public void EveryFormGivesTheBytes(string memory, int size)
        {
            var bytes = new byte[size];
            new Random(size).NextBytes(bytes);
            using Secret secret = TestSetup.Secret(memory, bytes);
            Assert.True(secret.WithSecretBytes(seen => seen.AsSpan().SequenceEqual(bytes)));
            secret.WithSecretIntPtr((address, length) =>
            {
                var seen = new byte[(int)length];
                Marshal.Copy(address, seen, 0, seen.Length);
                Assert.True(seen.AsSpan().SequenceEqual(bytes));
            });
            byte[] ascii = bytes.Select(b => (byte)(b & 0x7F)).ToArray();
            string text = Encoding.ASCII.GetString(ascii);
            using Secret chars = TestSetup.Secret(memory, ascii);
            chars.WithSecretUtf8Chars(seen => Assert.True(seen.AsSpan().SequenceEqual(text)));
        }

        [Theory]
        [MemberData(nameof(Memories))]
        public void ATextIsKeptAsUtf8(string memory)
        {
            char[] text = "pässword ✓ \U0001F511".ToCharArray();
            var given = (char[])text.Clone();
            using Secret secret = SecureMemorySecret.Encode(given, TestSetup.Memory(memory), TestSetup.NoSettings);
            Assert.Equal(text, given);
            Assert.Equal(Encoding.UTF8.GetBytes(text), secret.WithSecretBytes(bytes => (byte[])bytes.Clone()));
            Assert.Equal(text, secret.WithSecretUtf8Chars(chars => (char[])chars.Clone()));
        }

        [Theory]
        [MemberData(nameof(Memories))]
        public void OtherLengthsAreRefusedAndTheArrayIsLeft(string memory)
        {
            Assert.Throws<ArgumentException>(() => TestSetup.Secret(memory));
            byte[] tooLong = Enumerable.Repeat((byte)7, (16 * 1024 * 1024) + 1).ToArray();
            Assert.Throws<MemoryLimitException>(
                () => SecureMemorySecret.Move(tooLong, TestSetup.Memory(memory), TestSetup.NoSettings));
            Assert.Equal(7, tooLong[0]);
            Assert.Equal(7, tooLong[^1]);
        }

        [Theory]
        [MemberData(nameof(Memories))]
        public void TheGivenArrayIsWiped(string memory)
        {
            byte[] given = { 1, 2, 3 };
            using Secret secret = SecureMemorySecret.Move(given, TestSetup.Memory(memory), TestSetup.NoSettings);
            Assert.Equal(new byte[3], given);
        }

        [Theory]
        [MemberData(nameof(Memories))]
        public void TheArraysOfCallsAreWiped(string memory)
        {
            using Secret secret = TestSetup.Secret(memory, (byte)'a', (byte)'b');
            byte[] bytes = null;
            char[] chars = null;
            secret.WithSecretBytes(seen =>
            {
                bytes = seen;
            });
            secret.WithSecretUtf8Chars(seen =>
            {
                chars = seen;
            });
            Assert.Equal(new byte[2], bytes);
            Assert.Equal(new char[2], chars);
            Assert.Throws<TimeZoneNotFoundException>(() => secret.WithSecretBytes(seen =>
            {
                bytes = seen;
                Assert.Equal((byte)'a', seen[0]);
                throw new TimeZoneNotFoundException();
            }));
            Assert.Throws<TimeZoneNotFoundException>(() => secret.WithSecretUtf8Chars(seen =>
            {
                chars = seen;
                Assert.Equal('b', seen[1]);
                throw new TimeZoneNotFoundException();
            }));
            Assert.Equal(new byte[2], bytes);
            Assert.Equal(new char[2], chars);
        }

        [Theory]
        [MemberData(nameof(Memories))]
        public void ACopyLivesOnItsOwn(string memory)
        {
            Secret secret = TestSetup.Secret(memory, 1, 2);
            using Secret copy = secret.CopySecret();
            secret.Dispose();
            Assert.Equal(new byte[] { 1, 2 }, copy.WithSecretBytes(bytes => (byte[])bytes.Clone()));
        }

        [Theory]
        [MemberData(nameof(Memories))]
        public void AClosedSecretIsRefused(string memory)
        {
            Secret secret = TestSetup.Secret(memory, 1);
            secret.Close();
            secret.Close();
            secret.Dispose();
            Assert.Throws<InvalidOperationException>(() => secret.WithSecretBytes(bytes => true));
            Assert.Throws<InvalidOperationException>(() => secret.WithSecretBytes(bytes => { }));
            Assert.Throws<InvalidOperationException>(() => secret.WithSecretUtf8Chars(chars => true));
            Assert.Throws<InvalidOperationException>(() => secret.WithSecretUtf8Chars(chars => { }));
            Assert.Throws<InvalidOperationException>(() => secret.WithSecretIntPtr((address, length) => true));
            Assert.Throws<InvalidOperationException>(() => secret.WithSecretIntPtr((address, length) => { }));
            Assert.Throws<InvalidOperationException>(() => secret.CopySecret());
        }

        [Theory]
        [MemberData(nameof(Memories))]
        public void NullFunctionsAreRefused(string memory)
        {
            using Secret secret = TestSetup.Secret(memory, 1);
            Assert.Throws<ArgumentNullException>(() => secret.WithSecretBytes(null));
            Assert.Throws<ArgumentNullException>(() => secret.WithSecretBytes((Func<byte[], int>)null));
            Assert.Throws<ArgumentNullException>(() => secret.WithSecretUtf8Chars(null));
            Assert.Throws<ArgumentNullException>(() => secret.WithSecretUtf8Chars((Func<char[], int>)null));
            Assert.Throws<ArgumentNullException>(() => secret.WithSecretIntPtr(null));
            Assert.Throws<ArgumentNullException>(() => secret.WithSecretIntPtr((Func<IntPtr, ulong, int>)null));
        }
    }
}
