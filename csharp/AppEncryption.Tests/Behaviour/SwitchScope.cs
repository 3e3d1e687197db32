using System;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>An AppContext switch for a while.</summary>
    internal sealed class SwitchScope : IDisposable
    {
        private readonly string name;

        internal SwitchScope(string name, bool value)
        {
            this.name = name;
            AppContext.SetSwitch(name, value);
        }

        public void Dispose()
        {
            AppContext.SetSwitch(name, false);
        }
    }
}
