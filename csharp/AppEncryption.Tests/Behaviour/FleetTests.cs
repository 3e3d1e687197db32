using System.Collections.Generic;
using System.Linq;

namespace GoDaddy.Asherah.AppEncryption.Tests.Behaviour
{
    /// <summary>Several factories, as several processes have them, on one store: every record is read by each of them,
    /// keys are made once, and the store is asked as often as the caches say.</summary>
    public sealed class FleetTests
    {
        private const int Factories = 3;
        private const int Partitions = 4;
        private const int Rounds = 2;

        public static TheoryData<string, bool, bool> Fleets
        {
            get
            {
                var data = new TheoryData<string, bool, bool>();
                foreach (string engine in new[] { Engine.Native, Engine.Managed })
                {
                    foreach (bool keys in new[] { true, false })
                    {
                        data.Add(engine, keys, false);
                        data.Add(engine, keys, true);
                    }
                }

                return data;
            }
        }

        [Theory]
        [MemberData(nameof(Fleets))]
        public void EachReadsWhatEachWroteAndAsksAsOftenAsItMust(string engine, bool cachesKeys, bool cachesSessions)
        {
            var metastore = new RecordingMetastore();
            var policy = new OwnPolicy { CachesKeys = cachesKeys, CachesSessions = cachesSessions };
            var factories = new List<SessionFactory>();
            var records = new List<(int Partition, byte[] Record)>();
            try
            {
                for (int i = 0; i < Factories; i++)
                {
                    factories.Add(Engine.Build(engine, metastore, policy, new OwnKms()));
                }

                for (int round = 0; round < Rounds; round++)
                {
                    Each(factories, (session, partition) =>
                        records.Add((partition, session.Encrypt(TestSetup.Pattern(partition)))));
                }

                // The managed engine has a cache of intermediate keys for each session, as canonical Asherah; the native
                // one has one for each factory.
                bool shared = engine == Engine.Native || cachesSessions;
                Assert.Equal(ExpectedOfEncrypts(cachesKeys, shared), Counted(metastore));
                Each(factories, (session, partition) =>
                {
                    foreach ((int of, byte[] record) in records.Where(pair => pair.Partition == partition))
                    {
                        Assert.Equal(TestSetup.Pattern(of), session.Decrypt(record));
                    }
                });
                Assert.Equal(ExpectedOfDecrypts(cachesKeys, shared), Counted(metastore));
            }
            finally
            {
                factories.ForEach(factory => factory.Dispose());
            }

            Assert.Equal(1 + Partitions, metastore.Records.Count);
        }

        private static SortedDictionary<string, int> ExpectedOfEncrypts(bool cachesKeys, bool shared)
        {
            // The first factory makes the keys: one for each partition, below one of the service.
            const int Sessions = Factories * Partitions;
            return new SortedDictionary<string, int>
            {
                ["LoadLatest IK"] = cachesKeys && shared ? Sessions : Sessions * Rounds,
                ["LoadLatest SK"] = cachesKeys ? 1 : Partitions,
                ["Load SK"] = cachesKeys ? Factories - 1 : (Sessions * Rounds) - Partitions,
                ["Store SK"] = 1,
                ["Store IK"] = Partitions,
            };
        }

        private static SortedDictionary<string, int> ExpectedOfDecrypts(bool cachesKeys, bool shared)
        {
            const int Sessions = Factories * Partitions;
            const int Decrypts = Sessions * Factories * Rounds;
            var expected = new SortedDictionary<string, int>();
            if (!cachesKeys)
            {
                expected["Load IK"] = Decrypts;
                expected["Load SK"] = Decrypts;
            }
            else if (!shared)
            {
                expected["Load IK"] = Sessions;
            }

            return expected;
        }

        private static SortedDictionary<string, int> Counted(RecordingMetastore metastore)
        {
            return new SortedDictionary<string, int>(metastore.Calls().Split(", ")
                .Where(call => call.Length != 0 && call != "GetKeySuffix")
                .GroupBy(call => call)
                .ToDictionary(group => group.Key, group => group.Count()));
        }

        private static void Each(
            List<SessionFactory> factories, System.Action<Session<byte[], byte[]>, int> action)
        {
            foreach (SessionFactory factory in factories)
            {
                for (int partition = 0; partition < Partitions; partition++)
                {
                    using Session<byte[], byte[]> session = factory.GetSessionBytes("partition " + partition);
                    action(session, partition);
                }
            }
        }
    }
}
