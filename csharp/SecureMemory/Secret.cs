#pragma warning disable
using System;

namespace GoDaddy.Asherah.SecureMemory
{
    public abstract class Secret : System.IDisposable
    {
        protected Secret() { throw null; }
        public abstract GoDaddy.Asherah.SecureMemory.Secret CopySecret();
        public abstract TResult WithSecretBytes<TResult>(System.Func<byte[], TResult> funcWithSecret);
        public abstract TResult WithSecretIntPtr<TResult>(System.Func<nint, ulong, TResult> funcWithSecret);
        public abstract TResult WithSecretUtf8Chars<TResult>(System.Func<char[], TResult> funcWithSecret);
        public abstract void Close();
        public abstract void Dispose();
        public virtual void WithSecretBytes(System.Action<byte[]> actionWithSecret) { throw null; }
        public virtual void WithSecretIntPtr(System.Action<nint, ulong> actionWithSecret) { throw null; }
        public virtual void WithSecretUtf8Chars(System.Action<char[]> actionWithSecret) { throw null; }
    }
}
