using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;

namespace GoDaddy.Asherah.AppEncryption.Tests.Metastores
{
    /// <summary>dynalite, an emulator of DynamoDB. It looks at the form of signatures only.</summary>
    internal sealed class DynaliteServer : IDisposable
    {
        internal const string Region = "us-west-2";

        private readonly TempDirectory directory = new TempDirectory();
        private readonly ServerProcess process;

        internal DynaliteServer()
        {
            string program = TestSetup.Repository("build/dynalite/node_modules/dynalite/cli.js");
            Assert.True(File.Exists(program), "dynalite is not installed: run make setup-test");
            int port = ServerProcess.FreePort();
            process = ServerProcess.Start(
                directory.Path,
                null,
                "KILL",
                "node",
                program,
                "--host",
                "127.0.0.1",
                "--port",
                port.ToString(CultureInfo.InvariantCulture),
                "--createTableMs",
                "1");
            Url = "http://127.0.0.1:" + port;
            process.WaitUntilListening(port);
            Client = NewClient();
            NewTable("EncryptionKey");
        }

        internal string Url { get; }

        internal AmazonDynamoDBClient Client { get; }

        public void Dispose()
        {
            Client.Dispose();
            process.Dispose();
            directory.Dispose();
        }

        internal AmazonDynamoDBClient NewClient()
        {
            return new AmazonDynamoDBClient(
                new BasicAWSCredentials("id", "secret"),
                new AmazonDynamoDBConfig { ServiceURL = Url, AuthenticationRegion = Region });
        }

        /// <summary>Makes a table as the canonical documentation has it.</summary>
        internal void NewTable(string name)
        {
            Client.CreateTableAsync(new CreateTableRequest
            {
                TableName = name,
                BillingMode = BillingMode.PAY_PER_REQUEST,
                AttributeDefinitions = new List<AttributeDefinition>
                {
                    new AttributeDefinition("Id", ScalarAttributeType.S),
                    new AttributeDefinition("Created", ScalarAttributeType.N),
                },
                KeySchema = new List<KeySchemaElement>
                {
                    new KeySchemaElement("Id", KeyType.HASH),
                    new KeySchemaElement("Created", KeyType.RANGE),
                },
            }).GetAwaiter().GetResult();
            Wait.Until(
                () => Client.DescribeTableAsync(name).GetAwaiter().GetResult().Table.TableStatus == TableStatus.ACTIVE,
                "the table does not become active");
        }
    }
}
