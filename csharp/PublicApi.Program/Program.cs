using System;
using System.Collections.Generic;

namespace GoDaddy.Asherah.PublicApi.Program
{
    /// <summary>Runs every part and says which failed; the status is their number.</summary>
    internal static class Program
    {
        private static int Main()
        {
            var parts = new Dictionary<string, Action>
            {
                ["sessions"] = Sessions.Run,
                ["parts of the user"] = OwnParts.Run,
                ["sessions wired by hand"] = HandWired.Run,
                ["policies"] = Policies.Run,
                ["persistence"] = Stores.Run,
                ["JSON and records"] = Records.Run,
                ["ciphers and keys"] = Ciphers.Run,
                ["secure memory"] = Secrets.Run,
                ["logging and metrics"] = Observation.Run,
                ["AWS"] = Aws.Run,
                ["the platform"] = Platform.Run,
            };
            int failures = 0;
            foreach ((string name, Action part) in parts)
            {
                try
                {
                    part();
                    Console.WriteLine("ok " + name);
                }
                catch (Exception e)
                {
                    Console.WriteLine("FAIL " + name + ": " + e);
                    failures++;
                }
            }

            return failures;
        }
    }
}
