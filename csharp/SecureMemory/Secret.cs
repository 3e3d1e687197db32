using System;

namespace GoDaddy.Asherah.SecureMemory
{
    /// <summary>
    /// Bytes that must not leak. Safe to use from any thread; a secret disposed of while it is used is wiped when its
    /// last use ends.
    /// </summary>
    public abstract class Secret : IDisposable
    {
        /// <summary>Makes the base of a secret.</summary>
        protected Secret()
        {
        }

        /// <summary>Calls a function with the bytes, in an array that is wiped when the function returns.</summary>
        /// <typeparam name="TResult">What the function returns.</typeparam>
        /// <param name="funcWithSecret">The function; it must not keep the array.</param>
        /// <returns>What the function returns.</returns>
        /// <exception cref="InvalidOperationException">The secret has been disposed of.</exception>
        public abstract TResult WithSecretBytes<TResult>(Func<byte[], TResult> funcWithSecret);

        /// <summary>Calls a function with the text that the bytes are as UTF-8, in an array that is wiped when the
        /// function returns.</summary>
        /// <typeparam name="TResult">What the function returns.</typeparam>
        /// <param name="funcWithSecret">The function; it must not keep the array.</param>
        /// <returns>What the function returns.</returns>
        /// <exception cref="InvalidOperationException">The secret has been disposed of.</exception>
        public abstract TResult WithSecretUtf8Chars<TResult>(Func<char[], TResult> funcWithSecret);

        /// <summary>Calls a function with the address of the bytes and their number. No copy is made.</summary>
        /// <typeparam name="TResult">What the function returns.</typeparam>
        /// <param name="funcWithSecret">The function; it must neither keep the address nor write there.</param>
        /// <returns>What the function returns.</returns>
        /// <exception cref="InvalidOperationException">The secret has been disposed of.</exception>
        public abstract TResult WithSecretIntPtr<TResult>(Func<IntPtr, ulong, TResult> funcWithSecret);

        /// <summary>Calls an action with the bytes, in an array that is wiped when the action returns.</summary>
        /// <param name="actionWithSecret">The action; it must not keep the array.</param>
        /// <exception cref="InvalidOperationException">The secret has been disposed of.</exception>
        public virtual void WithSecretBytes(Action<byte[]> actionWithSecret)
        {
            Required(actionWithSecret, nameof(actionWithSecret));
            WithSecretBytes(bytes =>
            {
                actionWithSecret(bytes);
                return true;
            });
        }

        /// <summary>Calls an action with the text that the bytes are as UTF-8, in an array that is wiped when the
        /// action returns.</summary>
        /// <param name="actionWithSecret">The action; it must not keep the array.</param>
        /// <exception cref="InvalidOperationException">The secret has been disposed of.</exception>
        public virtual void WithSecretUtf8Chars(Action<char[]> actionWithSecret)
        {
            Required(actionWithSecret, nameof(actionWithSecret));
            WithSecretUtf8Chars(chars =>
            {
                actionWithSecret(chars);
                return true;
            });
        }

        /// <summary>Calls an action with the address of the bytes and their number. No copy is made.</summary>
        /// <param name="actionWithSecret">The action; it must neither keep the address nor write there.</param>
        /// <exception cref="InvalidOperationException">The secret has been disposed of.</exception>
        public virtual void WithSecretIntPtr(Action<IntPtr, ulong> actionWithSecret)
        {
            Required(actionWithSecret, nameof(actionWithSecret));
            WithSecretIntPtr((address, length) =>
            {
                actionWithSecret(address, length);
                return true;
            });
        }

        /// <summary>Makes another secret with the same bytes.</summary>
        /// <returns>The copy, to be disposed of by the caller.</returns>
        /// <exception cref="InvalidOperationException">This secret has been disposed of.</exception>
        public abstract Secret CopySecret();

        /// <summary>Wipes and frees the secret, as <see cref="Dispose"/> does.</summary>
        public abstract void Close();

        /// <summary>Wipes and frees the secret; once its uses have ended, if there are any. Never blocks, and does
        /// nothing the second time.</summary>
        public abstract void Dispose();

        private static void Required(object value, string paramName)
        {
            if (value == null)
            {
                throw new ArgumentNullException(paramName);
            }
        }
    }
}
