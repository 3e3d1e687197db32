using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.SqlClient;

// Reads a JSON array of connection strings from standard input and writes what Microsoft.Data.SqlClient makes of each:
// the values other than the defaults, the kind of error, and whether a connection takes the string.
List<string> strings = JsonSerializer.Deserialize<List<string>>(Console.OpenStandardInput());
SqlConnectionStringBuilder defaults = new();
List<string> lines = [];
foreach (string text in strings)
{
    SortedDictionary<string, object> values = new(StringComparer.Ordinal);
    string builder = Failure(() =>
    {
        SqlConnectionStringBuilder settings = new(text);
        foreach (string name in settings.Keys)
        {
            object value = Plain(settings[name]);
            if (!value.Equals(Plain(defaults[name])))
            {
                values[name] = value;
            }
        }
    });
    string connection = Failure(() => new SqlConnection(text).Dispose());
    lines.Add(JsonSerializer.Serialize(new { text, connection, builder, values }));
}
Console.WriteLine("[\n" + string.Join(",\n", lines) + "\n]");

static object Plain(object value) => value is bool or int or string ? value : value.ToString();

// Failure names the kind of what an action throws: "syntax N" with the index in the string, "keyword" or "value".
static string Failure(Action action)
{
    try
    {
        action();
        return "";
    }
    catch (Exception e)
    {
        Match syntax = Regex.Match(e.Message, "^Format of the initialization string .* starting at index ([0-9]+)");
        if (syntax.Success)
        {
            return "syntax " + syntax.Groups[1].Value;
        }
        return Regex.IsMatch(e.Message, "^(Keyword not supported|The keyword .* is not supported)") ? "keyword" : "value";
    }
}
