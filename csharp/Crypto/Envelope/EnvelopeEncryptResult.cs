#pragma warning disable
using System;

namespace GoDaddy.Asherah.Crypto.Envelope
{
    public class EnvelopeEncryptResult : GoDaddy.Asherah.Crypto.Envelope.EnvelopeEncryptResult<object>
    {
        public EnvelopeEncryptResult() { throw null; }
    }
}
