namespace GoDaddy.Asherah.AppEncryption.Tests.Kms
{
    /// <summary>The tests that share one stand-in for AWS.</summary>
    [CollectionDefinition(Name)]
    public sealed class AwsCollection : ICollectionFixture<AwsServer>
    {
        internal const string Name = "AWS";
    }
}
