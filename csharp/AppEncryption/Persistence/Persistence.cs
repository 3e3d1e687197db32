using System;
using LanguageExt;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>Where an application keeps its data row records, for the Load and Store of sessions.</summary>
    /// <typeparam name="T">The type of the records.</typeparam>
    public abstract class Persistence<T>
    {
        /// <summary>Initializes a new instance of the <see cref="Persistence{T}"/> class.</summary>
        protected Persistence()
        {
        }

        /// <summary>Returns the record that is kept under a key.</summary>
        /// <param name="key">The key.</param>
        /// <returns>The record; none if there is none.</returns>
        public abstract Option<T> Load(string key);

        /// <summary>Keeps a record under a key.</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">The record.</param>
        public abstract void Store(string key, T value);

        /// <summary>Keeps a record under a key that <see cref="GenerateKey"/> makes.</summary>
        /// <param name="value">The record.</param>
        /// <returns>The key.</returns>
        public virtual string Store(T value)
        {
            string key = GenerateKey(value);
            Store(key, value);
            return key;
        }

        /// <summary>Makes a key for a record.</summary>
        /// <param name="value">The record.</param>
        /// <returns>A random GUID, 32 digits with hyphens.</returns>
        public virtual string GenerateKey(T value)
        {
            return Guid.NewGuid().ToString("D");
        }
    }
}
