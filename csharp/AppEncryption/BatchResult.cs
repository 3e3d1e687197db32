using System;
using System.Runtime.ExceptionServices;

namespace GoDaddy.Asherah.AppEncryption
{
    /// <summary>What became of one input of a batch. Not part of canonical Asherah.</summary>
    public readonly struct BatchResult
    {
        private readonly byte[] value;

        internal BatchResult(byte[] value)
        {
            this.value = value;
            Error = null;
        }

        internal BatchResult(Exception error)
        {
            value = null;
            Error = error;
        }

        /// <summary>Gets what the call for this input alone would have thrown; null if it succeeded.</summary>
        public Exception Error { get; }

        /// <summary>Gets the record or the payload.</summary>
        /// <exception cref="Exception">It failed: <see cref="Error"/>.</exception>
        public byte[] Value
        {
            get
            {
                if (Error != null)
                {
                    ExceptionDispatchInfo.Capture(Error).Throw();
                }

                return value;
            }
        }
    }
}
