using System;
using System.Reflection;
using System.Threading.Tasks;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;

namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>A client of KMS whose three operations are functions of the test; all others fail.</summary>
    public class FakeClient : DispatchProxy
    {
        internal Func<GenerateDataKeyRequest, Task<GenerateDataKeyResponse>> Generate { get; set; }

        internal Func<EncryptRequest, Task<EncryptResponse>> Encrypt { get; set; }

        internal Func<DecryptRequest, Task<DecryptResponse>> Decrypt { get; set; }

        internal static IAmazonKeyManagementService New(Action<FakeClient> set)
        {
            IAmazonKeyManagementService client = Create<IAmazonKeyManagementService, FakeClient>();
            set((FakeClient)(object)client);
            return client;
        }

        protected override object Invoke(MethodInfo targetMethod, object[] args)
        {
            switch (args.Length == 0 ? null : args[0])
            {
                case GenerateDataKeyRequest request:
                    return Generate(request);
                case EncryptRequest request:
                    return Encrypt(request);
                case DecryptRequest request:
                    return Decrypt(request);
                default:
                    throw new NotSupportedException(targetMethod.Name);
            }
        }
    }
}
