using System;
using LanguageExt;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>A <see cref="Persistence{T}"/> made of two functions.</summary>
    /// <typeparam name="T">The type of the records.</typeparam>
    public class AdhocPersistence<T> : Persistence<T>
    {
        private readonly Func<string, Option<T>> load;
        private readonly Action<string, T> store;

        /// <summary>Initializes a new instance of the <see cref="AdhocPersistence{T}"/> class.</summary>
        /// <param name="load">Returns the record under a key, none if there is none; a null counts as none.</param>
        /// <param name="store">Keeps a record under a key.</param>
        /// <exception cref="ArgumentNullException">One of them is null.</exception>
        public AdhocPersistence(Func<string, Option<T>> load, Action<string, T> store)
        {
            this.load = load ?? throw new ArgumentNullException(nameof(load));
            this.store = store ?? throw new ArgumentNullException(nameof(store));
        }

        /// <inheritdoc/>
        public override Option<T> Load(string key)
        {
            return load(key);
        }

        /// <inheritdoc/>
        public override void Store(string key, T value)
        {
            store(key, value);
        }
    }
}
