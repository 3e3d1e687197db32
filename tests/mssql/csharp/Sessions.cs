using System.Data;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.SqlClient;

namespace Client;

/// <summary>The open connections, by name.</summary>
public sealed class Sessions
{
    private sealed record Session(SqlConnection Connection)
    {
        public SqlTransaction? Transaction { get; set; }
        public List<string> Infos { get; } = [];
    }

    private readonly Dictionary<string, Session> sessions = [];

    public Answer Answer(Request request)
    {
        var answer = new Answer();
        try
        {
            if (request.Open is not null)
            {
                Open(request.Connection, request.Open);
            }

            var session = sessions[request.Connection];
            session.Infos.Clear();
            Change(session, request.Transaction);
            if (request.Sql is not null)
            {
                Run(session, request, answer);
            }

            answer.Infos.AddRange(session.Infos);
            answer.Server = session.Connection.DataSource;
            answer.Database = session.Connection.Database;
            if (request.Close)
            {
                session.Connection.Dispose();
                sessions.Remove(request.Connection);
            }
        }
        catch (SqlException e)
        {
            answer.Errors =
            [
                .. e.Errors.Cast<SqlError>().Select(x => new Error(x.Number, x.State, x.Class, x.Message)),
            ];
        }
        catch (Exception e)
        {
            answer.Failure = $"{e.GetType().Name}: {e.Message}";
        }

        return answer;
    }

    private void Open(string name, string connectionString)
    {
        var session = new Session(new SqlConnection(connectionString));
        session.Connection.InfoMessage += (_, e) =>
            session.Infos.AddRange(e.Errors.Cast<SqlError>().Select(x => x.Message));
        session.Connection.Open();
        sessions[name] = session;
    }

    private static void Change(Session session, string? verb)
    {
        switch (verb)
        {
            case "begin":
                session.Transaction = session.Connection.BeginTransaction();
                break;
            case "commit":
                session.Transaction!.Commit();
                session.Transaction = null;
                break;
            case "rollback":
                session.Transaction!.Rollback();
                session.Transaction = null;
                break;
        }
    }

    private static void Run(Session session, Request request, Answer answer)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText = request.Sql;
        command.Transaction = session.Transaction;
        command.CommandTimeout = request.Timeout ?? 30;
        foreach (var parameter in request.Parameters ?? [])
        {
            command.Parameters.Add(Bind(command, parameter));
        }

        if (request.Prepare)
        {
            command.Prepare();
        }

        using var cancel = request.CancelAfter is { } after ? new Timer(_ => command.Cancel(), null, after, -1) : null;
        for (var i = 0; i < Math.Max(1, request.Runs); i++)
        {
            using var reader = command.ExecuteReader();
            Read(reader, answer);
        }
    }

    private static void Read(SqlDataReader reader, Answer answer)
    {
        do
        {
            if (reader.FieldCount == 0)
            {
                continue;
            }

            var ordinals = Enumerable.Range(0, reader.FieldCount).ToList();
            answer.Columns = [.. ordinals.Select(i => new Column(reader.GetName(i), reader.GetDataTypeName(i)))];
            answer.Rows = [];
            while (reader.Read())
            {
                answer.Rows.Add([.. ordinals.Select(i => Show(reader.GetValue(i)))]);
            }
        }
        while (reader.NextResult());
        answer.Affected = reader.RecordsAffected;
    }

    private static SqlParameter Bind(SqlCommand command, Parameter given)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = given.Name;
        if (given.Type is not null && Enum.TryParse<SqlDbType>(given.Type, true, out var type))
        {
            parameter.SqlDbType = type;
        }

        if (given.Size is { } size)
        {
            parameter.Size = size;
        }

        if (given.Scale is { } scale)
        {
            parameter.Scale = scale;
        }

        parameter.Value = Value(given);
        return parameter;
    }

    // Texts that begin with "time:" are points in time, since JSON has none.
    private static object Value(Parameter given) => given.Value.ValueKind switch
    {
        JsonValueKind.Number when given.Type is null or "BigInt" => given.Value.GetInt64(),
        JsonValueKind.Number => given.Value.GetInt32(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when given.Value.GetString() is { } text =>
            text.StartsWith("time:", StringComparison.Ordinal) ? Moment(text["time:".Length..], given.Type) : text,
        _ => DBNull.Value,
    };

    private static object Moment(string text, string? type)
    {
        var moment = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
        return type == "DateTimeOffset" ? moment : (object)moment.UtcDateTime;
    }

    private static string? Show(object value) => value switch
    {
        DBNull => null,
        bool b => b ? "true" : "false",
        DateTime t => t.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture),
        DateTimeOffset t => t.ToString("yyyy-MM-ddTHH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture),
        TimeSpan t => t.ToString("c", CultureInfo.InvariantCulture),
        byte[] b => Convert.ToHexString(b).ToLowerInvariant(),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
