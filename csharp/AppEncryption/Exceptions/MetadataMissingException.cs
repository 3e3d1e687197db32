using GoDaddy.Asherah.Crypto.Exceptions;

namespace GoDaddy.Asherah.AppEncryption.Exceptions
{
    /// <summary>
    /// The key that a record refers to cannot be found: the record names none, it belongs to another partition, or the
    /// metastore does not have it.
    /// </summary>
    public class MetadataMissingException : AppEncryptionException
    {
        /// <summary>Makes an exception with a message.</summary>
        /// <param name="message">What is missing; never holds a secret.</param>
        public MetadataMissingException(string message)
            : base(message)
        {
        }
    }
}
