using System;
using System.IO;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>A directory that goes with its test.</summary>
    internal sealed class TempDirectory : IDisposable
    {
        private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("asherah-tests-");

        internal string Path => directory.FullName;

        public void Dispose()
        {
            directory.Delete(recursive: true);
        }

        internal string File(string name)
        {
            return System.IO.Path.Combine(directory.FullName, name);
        }
    }
}
