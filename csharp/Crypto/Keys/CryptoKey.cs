using System;

namespace GoDaddy.Asherah.Crypto.Keys
{
    /// <summary>A key, when it was created and whether it is revoked. Safe to use from any thread.</summary>
    public abstract class CryptoKey : IDisposable
    {
        /// <summary>Makes the base of a key.</summary>
        protected CryptoKey()
        {
        }

        /// <summary>Returns when the key was created.</summary>
        /// <returns>The time, as it is stored.</returns>
        public abstract DateTimeOffset GetCreated();

        /// <summary>Calls an action with the key, in an array that is wiped when the action returns.</summary>
        /// <param name="actionWithKey">The action; it must not keep the array.</param>
        /// <exception cref="InvalidOperationException">The key has been disposed of.</exception>
        public abstract void WithKey(Action<byte[]> actionWithKey);

        /// <summary>Calls a function with the key, in an array that is wiped when the function returns.</summary>
        /// <typeparam name="TResult">What the function returns.</typeparam>
        /// <param name="actionWithKey">The function; it must not keep the array.</param>
        /// <returns>What the function returns.</returns>
        /// <exception cref="InvalidOperationException">The key has been disposed of.</exception>
        public abstract TResult WithKey<TResult>(Func<byte[], TResult> actionWithKey);

        /// <summary>Wipes and frees the key, if this object owns it.</summary>
        public abstract void Dispose();

        /// <summary>Says whether the key is revoked.</summary>
        /// <returns>True if it is.</returns>
        public abstract bool IsRevoked();

        /// <summary>Marks the key as revoked, for good.</summary>
        public abstract void MarkRevoked();
    }
}
