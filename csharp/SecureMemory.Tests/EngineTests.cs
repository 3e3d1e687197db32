using System;
using System.Threading.Tasks;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.SecureMemory.Tests
{
    /// <summary>Managed code is used where it is chosen by name and nowhere else.</summary>
    public sealed class EngineTests
    {
        [Fact]
        public async Task WithoutTheLibraryNothingIsChosen()
        {
            Assert.Equal(nameof(DllNotFoundException), await Program.RunWithoutLibrary(null));
            Assert.Equal(nameof(DllNotFoundException), await Program.RunWithoutLibrary("native"));
        }

        [Fact]
        public async Task TheVariableChoosesManagedCode()
        {
            Assert.Equal("sum 6, managed 1", await Program.RunWithoutLibrary("managed"));
        }

        [Fact]
        public async Task AnotherValueIsRefused()
        {
            Assert.Equal(nameof(InvalidOperationException), await Program.RunWithoutLibrary("Managed "));
        }

        [Fact]
        public void TheSwitchChoosesManagedCode()
        {
            long before = TestSetup.LiveSecrets(TestSetup.Managed);
            AppContext.SetSwitch(ManagedEngine.Switch, true);
            try
            {
                using var factory = new SecureMemorySecretFactory(null);
                using Secret secret = factory.CreateSecret(new byte[] { 1 });
                Assert.Equal(before + 1, TestSetup.LiveSecrets(TestSetup.Managed));
            }
            finally
            {
                AppContext.SetSwitch(ManagedEngine.Switch, false);
            }

            using var native = new SecureMemorySecretFactory(null);
            using Secret other = native.CreateSecret(new byte[] { 1 });
            Assert.Equal(before, TestSetup.LiveSecrets(TestSetup.Managed));
            Assert.True(TestSetup.LiveSecrets(TestSetup.Native) > 0);
        }
    }
}
