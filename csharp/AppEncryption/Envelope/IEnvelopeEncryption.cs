#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Envelope
{
    public interface IEnvelopeEncryption<TD> : System.IDisposable
    {
        System.Threading.Tasks.Task<TD> EncryptPayloadAsync(byte[] payload);
        System.Threading.Tasks.Task<byte[]> DecryptDataRowRecordAsync(TD dataRowRecord);
        TD EncryptPayload(byte[] payload);
        byte[] DecryptDataRowRecord(TD dataRowRecord);
    }
}
