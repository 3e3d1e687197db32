using System;
using System.Collections.Generic;
using System.Linq;
using Amazon.Runtime;
using GoDaddy.Asherah.AppEncryption.Engines;
using GoDaddy.Asherah.PlatformNative.Interop;

namespace GoDaddy.Asherah.AppEncryption.Kms.Aws
{
    /// <summary>What a key management service on AWS KMS is made of.</summary>
    internal sealed class AwsKmsSettings
    {
        internal AwsKmsSettings(IEnumerable<AwsRegionKey> regions, bool requireAllRegions)
        {
            Regions = regions.ToArray();
            RequireAllRegions = requireAllRegions;
            AnyKey = Switches.IsOn(Switches.KmsAnyKey);
        }

        /// <summary>Gets the regions in the order in which they are asked.</summary>
        internal IReadOnlyList<AwsRegionKey> Regions { get; }

        /// <summary>Gets a value indicating whether every region must wrap a new key.</summary>
        internal bool RequireAllRegions { get; }

        /// <summary>Gets a value indicating whether regions open what other keys of theirs have wrapped.</summary>
        internal bool AnyKey { get; }

        /// <summary>Says whether credentials stay as they are, so that the native library can have them.</summary>
        internal static bool AreConstant(AWSCredentials credentials)
        {
            return credentials?.GetType() == typeof(BasicAWSCredentials)
                || credentials?.GetType() == typeof(SessionAWSCredentials);
        }

        /// <summary>
        /// Makes a key management service of the native library; null if the managed clients have to do it, because
        /// the managed engine is chosen or these regions are none that the library takes.
        /// </summary>
        /// <param name="credentials">Constant ones; null for those that the library finds.</param>
        /// <exception cref="ArgumentException">The library refuses the configuration.</exception>
        internal NativeKms OpenNative(AWSCredentials credentials)
        {
            if (EngineChoice.IsManaged() || !FitNative())
            {
                return null;
            }

            return NativeEnvironment.WithAwsSettings(() =>
            {
                using (var json = new SecretBuffer(1024))
                {
                    Write(json, credentials);
                    return NativeKms.Open(json);
                }
            });
        }

        private static bool IsLowerCase(string region)
        {
            return region.All(c => (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
        }

        private static void AddCredential(SecretBuffer json, string name, string value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                json.AddAscii(",\"" + name + "\":");
                JsonMembers.AddString(json, value, "credentials");
            }
        }

        // One key a region, whose names are as AWS writes them: others are found by the managed clients.
        private bool FitNative()
        {
            return Regions.Count > 0
                && Regions.All(r => IsLowerCase(r.Region))
                && Regions.Select(r => r.Region).Distinct().Count() == Regions.Count;
        }

        private void Write(SecretBuffer json, AWSCredentials credentials)
        {
            json.AddAscii("{\"StrictConfig\":true,\"KMS\":\"aws\",\"PreferredRegion\":");
            JsonMembers.AddString(json, Regions[0].Region, "region");
            json.AddAscii(",\"KmsRequireAllRegions\":" + (RequireAllRegions ? "true" : "false"));
            json.AddAscii(",\"KmsAnyKey\":" + (AnyKey ? "true" : "false"));
            for (int i = 0; i < Regions.Count; i++)
            {
                json.AddAscii(i == 0 ? ",\"RegionMap\":{" : ",");
                JsonMembers.AddString(json, Regions[i].Region, "region");
                json.Add((byte)':');
                JsonMembers.AddString(json, Regions[i].Arn, "keyArn");
            }

            json.Add((byte)'}');
            if (credentials != null)
            {
                ImmutableCredentials constant = credentials.GetCredentials();
                AddCredential(json, "AwsAccessKeyId", constant.AccessKey);
                AddCredential(json, "AwsSecretAccessKey", constant.SecretKey);
                AddCredential(json, "AwsSessionToken", constant.Token);
            }

            json.AddAscii("}");
            json.Add(0);
        }
    }
}
