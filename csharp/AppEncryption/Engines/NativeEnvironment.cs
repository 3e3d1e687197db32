using System;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Engines
{
    /// <summary>
    /// Tells the native library the settings of AWS that <see cref="Environment"/> holds: a program may have set or
    /// removed them there, which C does not see. Read when a metastore or key management service of AWS is made.
    /// </summary>
    internal static unsafe class NativeEnvironment
    {
        // docs/aws-kms.md lists them.
        private static readonly string[] Names =
        {
            "AWS_ACCESS_KEY_ID",
            "AWS_ACCESS_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SECRET_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_PROFILE",
            "AWS_DEFAULT_PROFILE",
            "AWS_CONFIG_FILE",
            "AWS_SHARED_CREDENTIALS_FILE",
            "AWS_ROLE_ARN",
            "AWS_ROLE_SESSION_NAME",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "AWS_LOGIN_CACHE_DIRECTORY",
            "AWS_EC2_METADATA_DISABLED",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
            "AWS_EC2_METADATA_V1_DISABLED",
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_KMS",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            "AWS_ENDPOINT_URL_DYNAMODB",
            "AWS_ENDPOINT_URL_STS",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "AWS_USE_FIPS_ENDPOINT",
            "AWS_USE_DUALSTACK_ENDPOINT",
            "AWS_CA_BUNDLE",
            "HTTPS_PROXY",
            "https_proxy",
            "HTTP_PROXY",
            "http_proxy",
            "NO_PROXY",
            "no_proxy",
            "HOME",
        };

        private static readonly object Lock = new object();

        /// <summary>Runs what makes a native object of AWS, with the settings as they are now.</summary>
        /// <remarks>The library has one set of them for the process: two threads must not mix theirs. It reads them while
        /// the object is made, so that secrets among them are taken back, and wiped, afterwards.</remarks>
        internal static T WithAwsSettings<T>(Func<T> make)
        {
            NativeLoader.EnsureLoaded();
            lock (Lock)
            {
                Set(name => Environment.GetEnvironmentVariable(name) ?? string.Empty);
                try
                {
                    return make();
                }
                finally
                {
                    Set(name => null);
                }
            }
        }

        // An empty text hides the variable of the process, which .NET may no longer have; null takes back what was set.
        private static void Set(Func<string, string> valueOf)
        {
            using (var json = new SecretBuffer(2048))
            {
                json.Add((byte)'{');
                foreach (string name in Names)
                {
                    if (json.Length > 1)
                    {
                        json.Add((byte)',');
                    }

                    JsonMembers.AddString(json, name, nameof(name));
                    json.Add((byte)':');
                    string value = valueOf(name);
                    if (value == null)
                    {
                        json.AddAscii("null");
                    }
                    else
                    {
                        JsonMembers.AddString(json, value, name);
                    }
                }

                json.Add((byte)'}');
                json.Add(0);
                int status = Native.asherah_set_env(json.Data);
                if (status != Status.Ok)
                {
                    throw NativeError.FromStatus(status);
                }
            }
        }
    }
}
