using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>What a user reads when the native library is not as it should be.</summary>
    public sealed class LoaderTests : IDisposable
    {
        private readonly TempDirectory directory = new TempDirectory();

        public void Dispose()
        {
            directory.Dispose();
        }

        [Fact]
        public void MuslIsTold()
        {
            Assert.True(NativeLoader.IsMusl("7f00-7f01 r-xp 0 08:01 1 /lib/ld-musl-x86_64.so.1\n"));
            Assert.False(NativeLoader.IsMusl(File.ReadAllText("/proc/self/maps")));
        }

        [Fact]
        public void ProcessorsAreTold()
        {
            byte[] header = File.ReadAllBytes(TestSetup.LibraryPath).AsSpan(0, 20).ToArray();
            Assert.Null(NativeLoader.DescribeForeignProcessor(header));
            header[18] = (byte)(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 62 : 183);
            Assert.Contains(
                "another processor", NativeLoader.DescribeForeignProcessor(header), StringComparison.Ordinal);
            Assert.Contains(
                "not a shared library", NativeLoader.DescribeForeignProcessor(new byte[3]), StringComparison.Ordinal);
        }

        [Fact]
        public void VersionsAreCompared()
        {
            NativeLoader.CheckAbiVersion(Native.AbiVersion, "file");
            NativeLoader.CheckAbiVersion(Native.AbiVersion + 1, "file");
            var e = Assert.Throws<DllNotFoundException>(
                () => NativeLoader.CheckAbiVersion(Native.AbiVersion - 1, "/some/file"));
            Assert.Contains("/some/file", e.Message, StringComparison.Ordinal);
            Assert.Contains("too old", e.Message, StringComparison.Ordinal);
        }

#if !ASHERAH_NETSTANDARD
        [Fact]
        public void ARelativePathIsRefused()
        {
            var e = Assert.Throws<DllNotFoundException>(() => NativeLoader.Open("libasherah.so"));
            Assert.Contains("absolute", e.Message, StringComparison.Ordinal);
        }

        [Fact]
        public void AMissingFileIsNamed()
        {
            string file = directory.File("libasherah.so");
            var e = Assert.Throws<DllNotFoundException>(() => NativeLoader.Open(file));
            Assert.Contains(file, e.Message, StringComparison.Ordinal);
            Assert.Contains(NativeLoader.PathVariable, e.Message, StringComparison.Ordinal);
        }

        [Fact]
        public void AFileThatIsNoLibraryIsTold()
        {
            string file = directory.File("libasherah.so");
            File.WriteAllText(file, "text");
            Assert.Throws<BadImageFormatException>(() => NativeLoader.Open(file));
        }

        [Fact]
        public void ALibraryForAnotherProcessorIsTold()
        {
            string file = directory.File("libasherah.so");
            byte[] library = File.ReadAllBytes(TestSetup.LibraryPath);
            library[18] = (byte)(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 62 : 183);
            File.WriteAllBytes(file, library);
            var e = Assert.Throws<BadImageFormatException>(() => NativeLoader.Open(file));
            Assert.Contains("another processor", e.Message, StringComparison.Ordinal);
        }

        [Fact]
        public void AnotherLibraryIsTold()
        {
            string file = Compile("int something_else(void) { return 0; }");
            var e = Assert.Throws<DllNotFoundException>(() => NativeLoader.Open(file));
            Assert.Contains("asherah_abi_version", e.Message, StringComparison.Ordinal);
        }

        [Fact]
        public void AnOldLibraryIsTold()
        {
            string file = Compile("int asherah_abi_version(void) { return 0; }");
            var e = Assert.Throws<DllNotFoundException>(() => NativeLoader.Open(file));
            Assert.Contains("too old", e.Message, StringComparison.Ordinal);
        }

        [Fact]
        public void TheRightLibraryOpens()
        {
            Assert.NotEqual(IntPtr.Zero, NativeLoader.Open(TestSetup.LibraryPath));
        }

        private string Compile(string source)
        {
            string c = directory.File("library.c");
            string so = directory.File("liblibrary.so");
            File.WriteAllText(c, source);
            using Process compiler = Process.Start("cc", new[] { "-shared", "-fPIC", "-o", so, c });
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
            return so;
        }
#endif
    }
}
