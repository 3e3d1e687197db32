using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>
    /// A table of Amazon DynamoDB over a managed client: partition key Id, sort key Created in Unix seconds, the record
    /// as the map KeyRecord. Reads are consistent, writes conditional.
    /// </summary>
    internal sealed class DynamoDbKeyStore : IKeyStore
    {
        private const string Id = "Id";
        private const string Created = "Created";
        private const string KeyRecord = "KeyRecord";
        private const string Projection = "#id, #created, #record";

        private readonly IAmazonDynamoDB client;
        private readonly string tableName;

        internal DynamoDbKeyStore(IAmazonDynamoDB client, string tableName)
        {
            this.client = client;
            this.tableName = tableName;
        }

        public JObject Load(string keyId, DateTimeOffset created)
        {
            var request = new GetItemRequest
            {
                TableName = tableName,
                ConsistentRead = true,
                Key = KeyOf(keyId, created),
                ProjectionExpression = Projection,
                ExpressionAttributeNames = Names(),
            };
            return Record(Wait(() => client.GetItemAsync(request), "loading a key record").Item, keyId);
        }

        public JObject LoadLatest(string keyId)
        {
            var request = new QueryRequest
            {
                TableName = tableName,
                ConsistentRead = true,
                ScanIndexForward = false,
                Limit = 1,
                KeyConditionExpression = "#id = :id",
                ProjectionExpression = Projection,
                ExpressionAttributeNames = Names(),
                ExpressionAttributeValues = new Dictionary<string, AttributeValue>
                {
                    [":id"] = new AttributeValue { S = keyId },
                },
            };
            List<Dictionary<string, AttributeValue>> items =
                Wait(() => client.QueryAsync(request), "loading the latest key record").Items;
            return items == null || items.Count == 0 ? null : Record(items[0], keyId);
        }

        public bool Store(string keyId, DateTimeOffset created, JObject record)
        {
            Dictionary<string, AttributeValue> item = KeyOf(keyId, created);
            item[KeyRecord] = DynamoDbItem.ToAttribute(record);
            var request = new PutItemRequest
            {
                TableName = tableName,
                Item = item,
                ConditionExpression = "attribute_not_exists(#id)",
                ExpressionAttributeNames = new Dictionary<string, string> { ["#id"] = Id },
            };
            try
            {
                Wait(() => client.PutItemAsync(request), "storing a key record");
                return true;
            }
            catch (AppEncryptionException e) when (e.InnerException is ConditionalCheckFailedException)
            {
                return false;
            }
        }

        private static Dictionary<string, AttributeValue> KeyOf(string keyId, DateTimeOffset created)
        {
            return new Dictionary<string, AttributeValue>
            {
                [Id] = new AttributeValue { S = keyId },
                [Created] = new AttributeValue
                {
                    N = created.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                },
            };
        }

        private static Dictionary<string, string> Names()
        {
            return new Dictionary<string, string> { ["#id"] = Id, ["#created"] = Created, ["#record"] = KeyRecord };
        }

        private static JObject Record(Dictionary<string, AttributeValue> item, string keyId)
        {
            if (item == null || item.Count == 0)
            {
                return null;
            }

            if (!item.TryGetValue(Id, out AttributeValue found) || found.S != keyId)
            {
                throw new AppEncryptionException("Metastore error: the table answered with the item of another id.");
            }

            if (!item.TryGetValue(KeyRecord, out AttributeValue map) || map.M == null ||
                !item.TryGetValue(Created, out AttributeValue created) ||
                !long.TryParse(created.N, NumberStyles.Integer, CultureInfo.InvariantCulture, out long seconds))
            {
                throw new AppEncryptionException(
                    "Metastore error: an item of the table has no number Created or no map KeyRecord.");
            }

            // The sort key is the key's name, not what the record says.
            JObject record = DynamoDbItem.ToRecord(map);
            if (record["Created"].Type == JTokenType.Integer)
            {
                record["Created"] = seconds;
            }

            return record;
        }

        // The client has nothing but asynchronous methods on every framework of this assembly.
        private static T Wait<T>(Func<Task<T>> call, string doing)
        {
            try
            {
                return call().GetAwaiter().GetResult();
            }
            catch (Exception e) when (!(e is ArgumentException))
            {
                throw MetastoreCalls.Failure(doing, e);
            }
        }
    }
}
