using System;
using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text;
using GoDaddy.Asherah.AppEncryption.Callbacks;
using GoDaddy.Asherah.Crypto.Exceptions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace GoDaddy.Asherah.AppEncryption.Persistence
{
    /// <summary>
    /// The table encryption_key over an ADO.NET provider: a connection for each call, on the caller's thread, so that
    /// its ambient transaction and identity are used.
    /// </summary>
    internal sealed class AdoKeyStore : IKeyStore
    {
        private readonly DbProviderFactory factory;
        private readonly string connectionString;
        private readonly AdoProvider provider;

        internal AdoKeyStore(DbProviderFactory factory, string connectionString, AdoProvider provider)
        {
            this.factory = factory;
            this.connectionString = connectionString;
            this.provider = provider;
        }

        public JObject Load(string keyId, DateTimeOffset created)
        {
            JObject record = Read(provider.LoadStatement, keyId, created)?.Record;
            if (record?["Created"].Type == JTokenType.Integer)
            {
                record["Created"] = created.ToUnixTimeSeconds();
            }

            return record;
        }

        public JObject LoadLatest(string keyId)
        {
            Row row = Read(provider.LatestStatement, keyId, null);
            if (row == null)
            {
                return null;
            }

            // The row's time is the key's name, not what its text says. But where the column has no time zone and the
            // session's is not UTC, the time that is read is another than the one that was written.
            JToken said = row.Record["Created"];
            if (row.Created != null && said.Type == JTokenType.Integer && (long)said != row.Created)
            {
                JObject found = Load(keyId, DateTimeOffset.FromUnixTimeSeconds((long)said));
                if (found == null || (string)found["Key"] != (string)row.Record["Key"])
                {
                    row.Record["Created"] = row.Created;
                }
            }

            return row.Record;
        }

        public bool Store(string keyId, DateTimeOffset created, JObject record)
        {
            string text = KeyRecordText.Format(record);
            try
            {
                // What is not counted, as under SET NOCOUNT ON, is -1.
                return Insert(keyId, created, text) != 0;
            }
            catch (DbException e)
            {
                bool? duplicate = provider.IsDuplicate(e);
                if (duplicate == false)
                {
                    throw MetastoreCalls.Failure("storing a key record", e);
                }

                JObject found = LookAgain(keyId, created, duplicate == null ? e : null);
                if (found == null && duplicate == null)
                {
                    throw MetastoreCalls.Failure("storing a key record", e);
                }

                // The insert may have been done in spite of its error. Another process's key differs from this one.
                return duplicate == null && (string)found["Key"] == (string)record["Key"];
            }
            catch (Exception e) when (!IsOurs(e))
            {
                throw MetastoreCalls.Failure("storing a key record", e);
            }
        }

        /// <summary>Says whether the provider takes the connection string. Connects to nothing.</summary>
        internal bool TakesConnectionString()
        {
            try
            {
                using (DbConnection connection = factory.CreateConnection())
                {
                    connection.ConnectionString = connectionString;
                    return true;
                }
            }
            catch (Exception)
            {
                return false;
            }
        }

        private static bool IsOurs(Exception e)
        {
            return e is AppEncryptionException || e is ArgumentException;
        }

        private static void Add(DbCommand command, string name, object value)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        // Whole seconds in UTC, as the column holds them.
        private static DateTime Seconds(DateTimeOffset created)
        {
            return DateTimeOffset.FromUnixTimeSeconds(created.ToUnixTimeSeconds()).UtcDateTime;
        }

        private static string Text(object column)
        {
            return column is byte[] bytes ? Encoding.UTF8.GetString(bytes) : column as string;
        }

        // Null for what is no time; texts are SQLite's.
        private static long? UnixTime(object column)
        {
            const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
            switch (column)
            {
                case DateTime time:
                    return new DateTimeOffset(time.Ticks, TimeSpan.Zero).ToUnixTimeSeconds();
                case DateTimeOffset time:
                    return time.ToUnixTimeSeconds();
                case string text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out var time):
                    return time.ToUnixTimeSeconds();
                default:
                    return null;
            }
        }

        private static JObject Parse(string text)
        {
            try
            {
                return KeyRecordText.Parse(Encoding.UTF8.GetBytes(text));
            }
            catch (Exception e) when (e is JsonException || e is FormatException || e is ArgumentException)
            {
                throw new AppEncryptionException("The metastore holds a key record that is not one.", e);
            }
        }

        private Row Read(string statement, string keyId, DateTimeOffset? created)
        {
            try
            {
                using (DbConnection connection = Open())
                using (DbCommand command = connection.CreateCommand())
                {
                    command.CommandText = statement;
                    Add(command, "id", keyId);
                    if (created != null)
                    {
                        Add(command, "created", Seconds(created.Value));
                    }

                    using (DbDataReader reader = command.ExecuteReader(CommandBehavior.SingleRow))
                    {
                        return reader.Read() ? RowOf(reader, keyId) : null;
                    }
                }
            }
            catch (Exception e) when (!IsOurs(e))
            {
                throw MetastoreCalls.Failure("loading a key record", e);
            }
        }

        private Row RowOf(DbDataReader reader, string keyId)
        {
            // Collations fold case, accents and trailing blanks: the row may be another partition's key.
            if (Text(reader.GetValue(0)) != keyId)
            {
                throw new AppEncryptionException(
                    "Metastore error: the database answered with the row of another key id: the column id folds ids " +
                    "that differ.");
            }

            long? created = UnixTime(reader.GetValue(1));
            JObject record = Parse(Text(reader.GetValue(2)) ?? throw new AppEncryptionException(
                "Metastore error: the column key_record holds no text."));
            return new Row(created, record);
        }

        private int Insert(string keyId, DateTimeOffset created, string text)
        {
            using (DbConnection connection = Open())
            using (DbCommand command = connection.CreateCommand())
            {
                command.CommandText = provider.StoreStatement;
                Add(command, "id", keyId);
                Add(command, "created", Seconds(created));
                Add(command, "key_record", text);
                return command.ExecuteNonQuery();
            }
        }

        // Besides, a row of another id that the column takes for this one is an error: nobody would find this key.
        private JObject LookAgain(string keyId, DateTimeOffset created, DbException unexplained)
        {
            try
            {
                return Load(keyId, created);
            }
            catch (AppEncryptionException e) when (unexplained != null && e.InnerException is DbException)
            {
                throw MetastoreCalls.Failure("storing a key record", unexplained);
            }
        }

        private DbConnection Open()
        {
            DbConnection connection = factory.CreateConnection() ?? throw new InvalidOperationException(
                "The provider's factory makes no connections.");
            try
            {
                connection.ConnectionString = connectionString;
                connection.Open();
                return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }

        private sealed class Row
        {
            internal Row(long? created, JObject record)
            {
                Created = created;
                Record = record;
            }

            internal long? Created { get; }

            internal JObject Record { get; }
        }
    }
}
