using System;
using System.Collections.Generic;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>Environment variables, set until disposed, and <c>AppContext</c> switches.</summary>
    internal sealed class TestEnvironment : IDisposable
    {
        private readonly Dictionary<string, string> before = new Dictionary<string, string>();

        public void Dispose()
        {
            foreach (KeyValuePair<string, string> variable in before)
            {
                Environment.SetEnvironmentVariable(variable.Key, variable.Value);
            }
        }

        /// <summary>Sets a variable; null removes it.</summary>
        internal TestEnvironment With(string name, string value)
        {
            before.TryAdd(name, Environment.GetEnvironmentVariable(name));
            Environment.SetEnvironmentVariable(name, value);
            return this;
        }

        /// <summary>Points everything that talks to KMS to the stand-in.</summary>
        internal static TestEnvironment Of(AwsServer server)
        {
            return new TestEnvironment()
                .With("AWS_ENDPOINT_URL_KMS", server.Url)
                .With("AWS_EC2_METADATA_DISABLED", "true")
                .With("AWS_CONFIG_FILE", "/dev/null")
                .With("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        }
    }
}
