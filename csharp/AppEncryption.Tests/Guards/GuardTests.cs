#if !ASHERAH_GUARDS
using System.Reflection;
using GoDaddy.Asherah.AppEncryption.Engines;

namespace GoDaddy.Asherah.AppEncryption.Tests.Guards
{
    public sealed class GuardTests
    {
        [Fact]
        public void NothingCanTakeAGuardAwayFromWhatIsShipped()
        {
            Assert.Empty(typeof(Guard).GetFields(
                BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic));
            Assert.True(Guard.Holds(Guarded.None));
        }
    }
}
#endif
