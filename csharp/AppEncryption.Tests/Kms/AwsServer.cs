using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>
    /// The stand-in for AWS, tests/aws/server, as a process of its own; one for all tests of the collection. It checks
    /// signatures and bodies, and its KMS really encrypts.
    /// </summary>
    public sealed class AwsServer : IDisposable
    {
        internal const string West = "us-west-2";
        internal const string East = "us-east-1";
        internal const string Europe = "eu-west-1";

        private readonly Process process;

        public AwsServer()
        {
            string program = TestSetup.Repository("build/tests/aws-server");
            GoProgram.Build("./tests/aws/server", program);
            process = Process.Start(new ProcessStartInfo(program, West + " " + East + " " + Europe)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            });
            JObject told = JObject.Parse(process.StandardOutput.ReadLine() ?? "{}");
            Url = (string)told["http"];
            Proxy = (string)told["proxy"];
            Authority = (string)told["ca"];
            AccessKeyId = (string)told["accessKeyId"];
            SecretAccessKey = (string)told["secretAccessKey"];
            Keys = told["keys"].ToObject<Dictionary<string, string>>();
        }

        /// <summary>Gets the address of all regions, plain HTTP.</summary>
        internal string Url { get; }

        /// <summary>Gets the proxy that takes the names of AWS's hosts to the server, by HTTPS.</summary>
        internal string Proxy { get; }

        /// <summary>Gets the file of the authority behind <see cref="Proxy"/>.</summary>
        internal string Authority { get; }

        internal string AccessKeyId { get; }

        internal string SecretAccessKey { get; }

        /// <summary>Gets the ARN of the key of each region.</summary>
        internal Dictionary<string, string> Keys { get; }

        public void Dispose()
        {
            process.StandardInput.Close();
            Assert.True(process.WaitForExit(30000), "the stand-in for AWS does not end");
            Assert.Equal(0, process.ExitCode);
            process.Dispose();
        }

        /// <summary>Has a region fail one operation, or all with "", until it is called with an empty fault.</summary>
        internal void Fail(string region, string operation, string fault)
        {
            Do("fail", region, operation, fault);
        }

        /// <summary>Makes credentials valid.</summary>
        internal void AddCredentials(string id, string secret, string token)
        {
            Do("credentials", id, secret, token);
        }

        internal void Expire(string id)
        {
            Do("expire", id);
        }

        /// <summary>Makes a key and returns its ARN.</summary>
        internal string NewKey(string region, string id)
        {
            return (string)Do("key", region, id);
        }

        /// <summary>Returns the requests since the last time: region, operation, key, body.</summary>
        internal List<(string Region, string Operation, string Key, string Body)> Calls()
        {
            return Do("calls").Select(c => ((string)c[0], (string)c[1], (string)c[2], (string)c[3])).ToList();
        }

        /// <summary>Returns <see cref="Calls"/> as "us-west-2 Decrypt, ...".</summary>
        internal string Asked()
        {
            return string.Join(", ", Calls().Select(c => c.Region + " " + c.Operation));
        }

        /// <summary>Makes all regions well and forgets what was asked.</summary>
        internal void Reset()
        {
            foreach (string region in Keys.Keys)
            {
                Fail(region, string.Empty, string.Empty);
            }

            Calls();
        }

        private JToken Do(params string[] command)
        {
            lock (process)
            {
                process.StandardInput.WriteLine(JsonConvert.SerializeObject(command));
                process.StandardInput.Flush();
                string answer = process.StandardOutput.ReadLine();
                Assert.True(answer != null, "the stand-in for AWS has ended");
                return JToken.Parse(answer);
            }
        }
    }
}
