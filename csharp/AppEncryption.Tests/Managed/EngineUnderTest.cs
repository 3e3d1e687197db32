using System;
using System.Collections.Generic;
using System.IO;
using GoDaddy.Asherah.Crypto;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>A factory of one engine with a session for each partition, on a store and a key management service that
    /// can be made to fail.</summary>
    internal sealed class EngineUnderTest : IDisposable
    {
        private readonly Dictionary<string, Session<byte[], byte[]>> sessions =
            new Dictionary<string, Session<byte[], byte[]>>();

        private readonly Dictionary<string, Session<byte[], JObject>> jsonSessions =
            new Dictionary<string, Session<byte[], JObject>>();

        private readonly RawKms kms = new RawKms(TestSetup.Bytes(TestSetup.Key));
        private readonly SessionFactory factory;
        private string fault;
        private int calls;

        internal EngineUnderTest(bool managed, string suffix, KeyRows rows, CryptoPolicy policy)
        {
            Store = new RowStore(rows, suffix) { Before = FailIfTold };
            kms.Before = FailIfTold;
            factory = Engine.New(managed, Store, policy, kms);
        }

        internal RowStore Store { get; }

        /// <summary>Sets the method that fails from now on; "Refuse" has keys said to be stored already.</summary>
        internal string Fault
        {
            set
            {
                fault = value;
                Store.Refuses = value == "Refuse";
            }
        }

        /// <summary>Encrypts, now through the session for texts, then through that for objects.</summary>
        internal byte[] Encrypt(string partition, byte[] payload)
        {
            return calls++ % 2 == 0
                ? Session(partition).Encrypt(payload)
                : TestSetup.Bytes(JsonSession(partition).Encrypt(payload).ToString(Newtonsoft.Json.Formatting.None));
        }

        /// <summary>As <see cref="Encrypt"/>.</summary>
        internal byte[] Decrypt(string partition, byte[] record)
        {
            return Session(partition).Decrypt(record);
        }

        public void Dispose()
        {
            foreach (Session<byte[], byte[]> session in sessions.Values)
            {
                session.Dispose();
            }

            foreach (Session<byte[], JObject> session in jsonSessions.Values)
            {
                session.Dispose();
            }

            factory.Dispose();
        }

        private Session<byte[], byte[]> Session(string partition)
        {
            if (!sessions.TryGetValue(partition, out Session<byte[], byte[]> session))
            {
                sessions.Add(partition, session = factory.GetSessionBytes(partition));
            }

            return session;
        }

        private Session<byte[], JObject> JsonSession(string partition)
        {
            if (!jsonSessions.TryGetValue(partition, out Session<byte[], JObject> session))
            {
                jsonSessions.Add(partition, session = factory.GetSessionBytesAsJson(partition));
            }

            return session;
        }

        private void FailIfTold(string method)
        {
            if (method == fault)
            {
                throw new IOException("made to fail");
            }
        }
    }
}
