using System.Text.Json;

namespace Client;

/// <summary>What is to be done on the connection with this name.</summary>
/// <param name="Open">A connection string: the connection is made.</param>
/// <param name="Close">The connection is closed, which gives it back to the pool.</param>
/// <param name="Transaction">begin, commit or rollback.</param>
/// <param name="Sql">A statement, run with the parameters.</param>
/// <param name="Prepare">It is prepared first.</param>
/// <param name="Runs">How often it is run; the last answer counts.</param>
/// <param name="Timeout">Of the command, in seconds.</param>
/// <param name="CancelAfter">Milliseconds after which the command is cancelled.</param>
public sealed record Request(
    string Connection,
    string? Open,
    bool Close,
    string? Transaction,
    string? Sql,
    List<Parameter>? Parameters,
    bool Prepare,
    int Runs,
    int? Timeout,
    int? CancelAfter);

/// <summary>A parameter. Without a type it is inferred from the value, as code against DbParameter has it.</summary>
public sealed record Parameter(string Name, string? Type, int? Size, byte? Scale, JsonElement Value);

/// <summary>What came of a request: the last rows, or errors.</summary>
public sealed class Answer
{
    public List<Column>? Columns { get; set; }
    public List<List<string?>>? Rows { get; set; }
    public int? Affected { get; set; }
    public List<string> Infos { get; set; } = [];
    public List<Error>? Errors { get; set; }
    public string? Failure { get; set; }
    public string? Server { get; set; }
    public string? Database { get; set; }
}

public sealed record Column(string Name, string Type);

public sealed record Error(int Number, byte State, byte Class, string Message);
