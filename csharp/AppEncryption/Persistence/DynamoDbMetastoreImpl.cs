#pragma warning disable
using System;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    public class DynamoDbMetastoreImpl : GoDaddy.Asherah.AppEncryption.Persistence.IMetastore<Newtonsoft.Json.Linq.JObject>
    {
        public LanguageExt.Option<Newtonsoft.Json.Linq.JObject> Load(string keyId, System.DateTimeOffset created) { throw null; }
        public LanguageExt.Option<Newtonsoft.Json.Linq.JObject> LoadLatest(string keyId) { throw null; }
        public bool Store(string keyId, System.DateTimeOffset created, Newtonsoft.Json.Linq.JObject value) { throw null; }
        public static GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.Builder NewBuilder(string region) { throw null; }
        public string GetKeySuffix() { throw null; }
        internal DynamoDbMetastoreImpl() { }
        public class Builder : GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep
        {
            public GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl Build() { throw null; }
            public Builder(string region) { throw null; }
            public GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithCredentials(Amazon.Runtime.AWSCredentials credentials) { throw null; }
            public GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithDynamoDbClient(Amazon.DynamoDBv2.IAmazonDynamoDB client) { throw null; }
            public GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithEndPointConfiguration(string endPoint, string signingRegion) { throw null; }
            public GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithKeySuffix() { throw null; }
            public GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithLogger(Microsoft.Extensions.Logging.ILogger logger) { throw null; }
            public GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithRegion(string region) { throw null; }
            public GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithTableName(string tableName) { throw null; }
        }
        public interface IBuildStep
        {
            GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl Build();
            GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithCredentials(Amazon.Runtime.AWSCredentials credentials);
            GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithDynamoDbClient(Amazon.DynamoDBv2.IAmazonDynamoDB client);
            GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithEndPointConfiguration(string endPoint, string signingRegion);
            GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithKeySuffix();
            GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithLogger(Microsoft.Extensions.Logging.ILogger logger);
            GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithRegion(string region);
            GoDaddy.Asherah.AppEncryption.Persistence.DynamoDbMetastoreImpl.IBuildStep WithTableName(string tableName);
        }
    }
}
