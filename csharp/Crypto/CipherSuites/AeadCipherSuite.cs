namespace GoDaddy.Asherah.Crypto.CipherSuites
{
    /// <summary>Ciphers that authenticate what they encrypt.</summary>
    public enum AeadCipherSuite
    {
        /// <summary>AES-256-GCM.</summary>
        Aes256Gcm = 0,
    }
}
