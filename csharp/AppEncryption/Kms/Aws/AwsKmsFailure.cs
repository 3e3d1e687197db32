using System;
using System.Collections.Generic;
using System.Linq;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.AppEncryption.Exceptions;
using GoDaddy.Asherah.Crypto.Exceptions;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Kms.Aws
{
    /// <summary>
    /// The exceptions of a key management service on AWS KMS: the words of canonical Asherah, which callers look for,
    /// and behind them which region failed of what.
    /// </summary>
    internal sealed class AwsKmsFailure
    {
        /// <summary>Those of <see cref="AwsKeyManagementServiceImpl"/>.</summary>
        internal static readonly AwsKmsFailure Legacy = new AwsKmsFailure(
            "could not successfully generate data key using any regions",
            "could not successfully decrypt key using any regions",
            cause => new AppEncryptionException(UnexpectedError, cause));

        /// <summary>Those of the plug-in.</summary>
        internal static readonly AwsKmsFailure PlugIn = new AwsKmsFailure(
            "Could not successfully generate data key using any regions",
            "Could not successfully decrypt key using any regions",
            cause => new KmsException(UnexpectedError, cause));

        // Words of the library: in all failures of this service, and in those to wrap a new key.
        private const string Service = "AWS KMS";
        private const string Wrapping = "encrypt a new system key";

        private const string UnexpectedError = "unexpected execution error during encrypt";

        private readonly string generating;
        private readonly string decrypting;

        private AwsKmsFailure(string generating, string decrypting, Func<Exception, Exception> unexpected)
        {
            this.generating = generating;
            this.decrypting = decrypting;
            Unexpected = unexpected;
        }

        /// <summary>Gets what makes the exception for a key that could not be wrapped although there was a data
        /// key.</summary>
        internal Func<Exception, Exception> Unexpected { get; }

        /// <summary>Makes the exception for a data key that no region has made.</summary>
        internal Exception Generating(Exception cause)
        {
            return new KmsException(generating, cause);
        }

        /// <summary>Makes the exception for a key that no region has opened.</summary>
        internal Exception Decrypting(Exception cause)
        {
            return new KmsException(decrypting, cause);
        }

        /// <summary>Makes the exception of a call to the native library that was to wrap a key.</summary>
        /// <param name="status">The status of the call.</param>
        /// <param name="error">The usual exception for it, whose message names the regions that failed.</param>
        /// <param name="settings">Those of the service.</param>
        internal Exception OfEncrypt(int status, Exception error, AwsKmsSettings settings)
        {
            if (status != Status.Kms && status != Status.TimedOut)
            {
                return error;
            }

            // Without a data key, unless each region has to wrap it: the one that has made it is not among those that
            // failed.
            return !settings.RequireAllRegions || settings.Regions.All(r => Says(error, " " + r.Region + ": "))
                ? Generating(error)
                : Unexpected(error);
        }

        /// <summary>Makes the exception of a call to the native library that was to open a key.</summary>
        internal Exception OfDecrypt(int status, Exception error)
        {
            return IsOfKms(status) ? Decrypting(error) : error;
        }

        /// <summary>Makes the exception of a session's call to the native library, which may have failed of something
        /// else. What was asked for then is in the library's message only.</summary>
        internal Exception OfSession(int status, Exception error, AwsKmsSettings settings)
        {
            if (!IsOfKms(status) || !Says(error, Service))
            {
                return error;
            }

            return Says(error, Wrapping)
                ? HostMetastore.StoreFailure(OfEncrypt(status, error, settings), systemKey: true)
                : OfDecrypt(status, error);
        }

        /// <summary>Lists what regions failed of, without the words of AWS, which name accounts and keys.</summary>
        internal static Exception Describe(IEnumerable<KeyValuePair<string, Exception>> failures)
        {
            string text = string.Join("; ", failures.Select(f => f.Key + ": " + Describe(f.Value)));
            return text.Length == 0
                ? new KmsException("None of the configured regions has wrapped the key.")
                : new KmsException("AWS KMS failed: " + text);
        }

        private static bool IsOfKms(int status)
        {
            switch (status)
            {
                case Status.Kms:
                case Status.TimedOut:
                case Status.Authentication:
                case Status.MalformedRecord:
                    return true;
                default:
                    return false;
            }
        }

        private static bool Says(Exception error, string words)
        {
            return error.Message.IndexOf(words, StringComparison.Ordinal) >= 0;
        }

        private static string Describe(Exception error)
        {
            if (error is AmazonServiceException service && !string.IsNullOrEmpty(service.ErrorCode))
            {
                return string.IsNullOrEmpty(service.RequestId)
                    ? service.ErrorCode
                    : service.ErrorCode + " (request " + service.RequestId + ")";
            }

            return error.GetType().Name;
        }
    }
}
