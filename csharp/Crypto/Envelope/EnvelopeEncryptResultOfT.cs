namespace GoDaddy.Asherah.Crypto.Envelope
{
    /// <summary>An encrypted payload and the encrypted key to it.</summary>
    /// <typeparam name="T">The type of what the caller adds.</typeparam>
    public class EnvelopeEncryptResult<T>
        where T : class
    {
        /// <summary>Gets or sets the encrypted payload.</summary>
        public byte[] CipherText { get; set; }

        /// <summary>Gets or sets the key of the payload, encrypted with the key encryption key.</summary>
        public byte[] EncryptedKey { get; set; }

        /// <summary>Gets or sets what the caller adds.</summary>
        public T UserState { get; set; }
    }
}
