using System;

namespace GoDaddy.Asherah.AppEncryption.Tests
{
    /// <summary>Whether managed code can encrypt: on netstandard2.0 with the real BouncyCastle only.</summary>
    internal static class ManagedCipher
    {
#if ASHERAH_NO_MANAGED_CIPHER
        internal const string Missing = "BouncyCastle is a stand-in here: managed code has no cipher on netstandard2.0";
#else
        internal const string Missing = null;
#endif
    }

    /// <summary>A test for which managed code has to encrypt.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ManagedCipherFactAttribute : FactAttribute
    {
        public ManagedCipherFactAttribute()
        {
            Skip = ManagedCipher.Missing;
        }
    }

    /// <summary>Tests for which managed code has to encrypt.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ManagedCipherTheoryAttribute : TheoryAttribute
    {
        public ManagedCipherTheoryAttribute()
        {
            Skip = ManagedCipher.Missing;
        }
    }
}
