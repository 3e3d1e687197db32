namespace GoDaddy.Asherah.Crypto.Envelope
{
    /// <summary>An encrypted payload and the encrypted key to it, with any object added.</summary>
    public class EnvelopeEncryptResult : EnvelopeEncryptResult<object>
    {
    }
}
