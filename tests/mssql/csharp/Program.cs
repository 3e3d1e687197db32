// Microsoft.Data.SqlClient for tests that are written in Go: a request in JSON on each line of the input, and its
// answer on a line of the output.
using System.Text.Json;
using System.Text.Json.Serialization;
using Client;

var options = new JsonSerializerOptions
{
    PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
};
var sessions = new Sessions();
while (Console.ReadLine() is { } line)
{
    var request = JsonSerializer.Deserialize<Request>(line, options)!;
    Console.WriteLine(JsonSerializer.Serialize(sessions.Answer(request), options));
}
