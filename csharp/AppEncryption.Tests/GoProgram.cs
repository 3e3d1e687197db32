using GoDaddy.Asherah.AppEncryption.Tests.Metastores;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>A program of the tests that is written in Go.</summary>
    internal static class GoProgram
    {
        /// <summary>Builds a program, with the GOFLAGS of this process: those of make let it use what make has
        /// compiled.</summary>
        internal static void Build(string package, string program)
        {
            ServerProcess.Run(
                TestSetup.Repository("."),
                null,
                "bash",
                "-c",
                "PATH=\"$(bash scripts/setup.sh go-path):$PATH\" GOTOOLCHAIN=local go build -o \"$1\" \"$2\"",
                "build",
                program,
                package);
        }
    }
}
