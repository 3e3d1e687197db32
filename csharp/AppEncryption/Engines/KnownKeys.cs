using System;
using System.Threading;
using GoDaddy.Asherah.Crypto;
using GoDaddy.Asherah.Crypto.Keys;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>What managed envelope encryption knows of a partition's keys besides its two caches.</summary>
    internal sealed class KnownKeys
    {
        private SecureCryptoKeyDictionary<string> foreign;
        private Lineage newest;

        /// <summary>
        /// Gets the keys of other regions by id and time; null as long as there are none. The caches know the time only:
        /// a key of another region among them would be taken for this one's newest, and records written under it could
        /// not be read.
        /// </summary>
        internal SecureCryptoKeyDictionary<string> Foreign => Volatile.Read(ref foreign);

        /// <summary>Returns <see cref="Foreign"/>, made if need be.</summary>
        internal SecureCryptoKeyDictionary<string> OpenForeign(CryptoPolicy policy)
        {
            SecureCryptoKeyDictionary<string> known = Foreign;
            if (known != null)
            {
                return known;
            }

            var made = new SecureCryptoKeyDictionary<string>(policy.GetRevokeCheckPeriodMillis());
            known = Interlocked.CompareExchange(ref foreign, made, null);
            if (known == null)
            {
                return made;
            }

            made.Dispose();
            return known;
        }

        /// <summary>Notes the system key above the newest intermediate key.</summary>
        internal void SetParent(DateTimeOffset created, DateTimeOffset parentCreated)
        {
            Volatile.Write(ref newest, new Lineage(created, parentCreated));
        }

        /// <summary>Returns when the system key above an intermediate key was created, if that is the newest.</summary>
        internal bool TryGetParent(DateTimeOffset created, out DateTimeOffset parentCreated)
        {
            Lineage lineage = Volatile.Read(ref newest);
            bool known = lineage != null && lineage.Created == created;
            parentCreated = known ? lineage.ParentCreated : default;
            return known;
        }

        private sealed class Lineage
        {
            internal Lineage(DateTimeOffset created, DateTimeOffset parentCreated)
            {
                Created = created;
                ParentCreated = parentCreated;
            }

            internal DateTimeOffset Created { get; }

            internal DateTimeOffset ParentCreated { get; }
        }
    }
}
