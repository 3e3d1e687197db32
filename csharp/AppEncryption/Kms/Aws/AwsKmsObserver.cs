using System;

namespace GoDaddy.Asherah.AppEncryption.Kms.Aws
{
    /// <summary>Is told what managed clients of AWS KMS do: for log lines and timers. Does nothing itself.</summary>
    internal abstract class AwsKmsObserver
    {
        /// <summary>Begins to time an operation, which ends when the result is disposed; null for no timer.</summary>
        /// <param name="operation">generatedatakey, encrypt or decrypt.</param>
        /// <param name="region">The region that is asked.</param>
        internal virtual IDisposable Time(string operation, string region)
        {
            return null;
        }

        /// <summary>A region has made no data key.</summary>
        internal virtual void GenerateFailed(string region, Exception error)
        {
        }

        /// <summary>A region has not wrapped a data key.</summary>
        internal virtual void WrapFailed(string region, Exception error)
        {
        }

        /// <summary>A new key could not be wrapped as a whole.</summary>
        internal virtual void EncryptFailed(Exception error)
        {
        }

        /// <summary>A region has not unwrapped a data key.</summary>
        internal virtual void DecryptFailed(string region, Exception error)
        {
        }

        /// <summary>A region has wrapped the data key of an envelope and is not configured.</summary>
        internal virtual void NoClient(string region)
        {
        }
    }
}
