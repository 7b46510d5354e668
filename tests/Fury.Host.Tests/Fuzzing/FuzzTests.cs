using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace Fury.Host.Tests.Fuzzing;

/// <summary>
/// The API asked by its own description: every operation with inputs that are right in shape and wrong in everything else. No answer is a mistake of ours,
/// every refusal says what is wrong, what is refused has changed nothing, and what is answered is as described.
/// </summary>
public sealed class FuzzTests(OpenHost host, ITestOutputHelper output) : IClassFixture<OpenHost>
{
    private const int Seed = 20_261_128;
    private const int Requests = 2_000;
    private const int FailuresShown = 40;
    private const int BodyShownMax = 2_000;
    private const int RefusalBytesMax = 64 * 1024;

    /// <summary>Of one answer; generous, since the machine may be busy.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>With <c>follow</c> an answer goes on for ever, as it should.</summary>
    private static readonly string[] LeftOut = ["follow"];

    /// <summary>Those of docs/errors.md, and of the three answers without a kind the two that are about the request.</summary>
    private static readonly int[] Refusals = [400, 401, 403, 404, 405, 409, 412, 413, 415, 429, 503, 507];

    private sealed record Asked(
        string Method, string Path, string? Body, string? Type, IReadOnlyList<(string Name, string Value)> Headers, JsonNode Operation)
    {
        public override string ToString() => $"{Method} {Path} {Body?[..Math.Min(Body.Length, BodyShownMax)]} {string.Join(' ', Headers)} {Type}";
    }

    private sealed record Answered(int Status, string? Type, string Text, string? ETag);

    [Fact]
    public async Task No_input_makes_the_API_say_anything_but_an_answer_or_a_refusal_as_described()
    {
        output.WriteLine($"Seed {Seed}, {Requests} requests");
        using var made = await host.Client.PutAsJsonAsync("api/v1/applications/fuzzed", new { team = "fuzz" });
        using var scoped = await host.Client.PutAsJsonAsync("api/v1/applications/fuzzed/scopes/test-web", new { });
        var schemas = new Schemas(JsonNode.Parse(await host.Client.GetStringAsync("openapi/v1.json"))!.AsObject());
        var random = new Random(Seed);
        var inputs = new Inputs(schemas, random);
        var operations = (from path in schemas.Document["paths"]!.AsObject()
                          from operation in path.Value!.AsObject()
                          select (path.Key, Method: operation.Key.ToUpperInvariant(), Operation: operation.Value!)).ToList();
        var looks = operations.Where(one => one.Method == "GET").Select(one => one.Key).ToHashSet();
        var failures = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var statuses = new SortedDictionary<int, int>();
        for (var number = 0; number < Requests; number++)
        {
            var (template, method, operation) = operations[number % operations.Count];
            var asked = Make(inputs, random, template, method, operation);
            var isWatched = method == "PUT" && looks.Contains(template);
            var before = isWatched ? await Send(asked with { Method = "GET", Body = null, Headers = [] }) : null;
            var begun = Stopwatch.GetTimestamp();
            var answer = await Send(asked);
            statuses[answer.Status] = statuses.GetValueOrDefault(answer.Status) + 1;
            var why = Stopwatch.GetElapsedTime(begun) > Bound ? $"no answer within {Bound.TotalSeconds} s" : Complaint(schemas, asked, answer);
            if (why is null && isWatched && answer.Status >= 400 && await Send(asked with { Method = "GET", Body = null, Headers = [] }) != before)
            {
                why = "it was refused, and has changed something";
            }

            if (why is not null)
            {
                var said = answer.Text[..Math.Min(answer.Text.Length, 400)];
                failures.TryAdd($"{method} {template}: {answer.Status} {why}", $"#{number} {asked}\n     {said}");
            }
        }

        output.WriteLine(string.Join(", ", statuses.Select(one => $"{one.Key}: {one.Value}")));
        Assert.True(
            failures.Count == 0,
            $"Seed {Seed}: {failures.Count} kinds of failure\n"
                + string.Join('\n', failures.Take(FailuresShown).Select(one => $"{one.Key}\n     {one.Value}")));
        Assert.True(statuses.GetValueOrDefault(200) > Requests / 20, "Hardly anything was right: the inputs are too wild to reach what is behind the checks.");
    }

    private static Asked Make(Inputs inputs, Random random, string template, string method, JsonNode operation)
    {
        var path = template;
        List<string> query = [];
        List<(string, string)> headers = [];
        foreach (var parameter in operation["parameters"] as JsonArray ?? [])
        {
            var (name, place) = (parameter!["name"]!.GetValue<string>(), parameter["in"]!.GetValue<string>());
            var isHostile = random.Next(place == "path" ? 8 : 2) == 0;
            var value = isHostile ? inputs.Hurt() : inputs.Shaped(parameter["schema"] ?? new JsonObject(), name)?.ToString() ?? "";
            if (place == "path")
            {
                // NUL in a path is the web server's to refuse, before anything of ours is asked.
                var inPath = value.Length is > 0 and < 2_000 && !value.Contains('\0') ? value : inputs.Word(name);
                path = path.Replace($"{{{name}}}", Uri.EscapeDataString(inPath), StringComparison.Ordinal);
            }
            else if (random.Next(2) == 0 && !LeftOut.Contains(name))
            {
                if (place == "query")
                {
                    query.Add($"{name}={Uri.EscapeDataString(value)}");
                }
                else
                {
                    headers.Add((name, value));
                }
            }
        }

        if (method is "PUT" && random.Next(3) == 0)
        {
            headers.Add(("If-Match", random.Next(3) switch { 0 => "*", 1 => "\"1\"", _ => inputs.Hurt() }));
        }

        var body = operation["requestBody"]?["content"]?["application/json"]?["schema"] is { } schema ? inputs.Body(schema) : null;
        var type = body is null ? null : random.Next(15) switch { 0 => "text/plain", 1 => "application/xml", _ => "application/json" };
        return new(method, query.Count == 0 ? path : $"{path}?{string.Join('&', query)}", body, type, headers, operation);
    }

    private async Task<Answered> Send(Asked asked)
    {
        using var request = new HttpRequestMessage(new(asked.Method), asked.Path.TrimStart('/'));
        if (asked.Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(asked.Body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", asked.Type);
        }

        foreach (var (name, value) in asked.Headers.Where(header => header.Value.All(letter => letter is >= ' ' and < '\x7f')))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var stop = new CancellationTokenSource(Bound * 2);
        try
        {
            return await Answer(request, stop.Token);
        }
        catch (HttpRequestException cut)
        {
            return new(599, null, $"{cut.Message} {cut.InnerException?.Message}", null);
        }
    }

    private async Task<Answered> Answer(HttpRequestMessage request, CancellationToken stop)
    {
        using var answer = await host.Client.SendAsync(request, stop);
        return new(
            (int)answer.StatusCode,
            answer.Content.Headers.ContentType?.MediaType,
            await answer.Content.ReadAsStringAsync(stop),
            $"{answer.Headers.ETag}");
    }

    private static string? Complaint(Schemas schemas, Asked asked, Answered answer) =>
        answer.Status < 400 ? Misfit(schemas, asked, answer)
        : !Refusals.Contains(answer.Status) ? "which no page tells of"
        : answer.Type != "application/problem+json" ? $"is no problem detail but {answer.Type ?? "nothing"}"
        : answer.Text.Length > RefusalBytesMax ? "is long"
        : JsonNode.Parse(answer.Text) is not JsonObject problem ? "is no object"
        : problem["status"]?.GetValue<int>() != answer.Status ? "says another status"
        : string.IsNullOrWhiteSpace(problem["title"]?.GetValue<string>()) ? "says nothing"
        : answer.Text.Contains("   at ", StringComparison.Ordinal) || answer.Text.Contains("Exception", StringComparison.Ordinal) ? "shows its insides"
        : problem["kind"]?.GetValue<string>() == "invalid" && !NamesFields(problem) ? "names no field"
        : null;

    private static bool NamesFields(JsonObject problem) => problem["errors"] is JsonArray { Count: > 0 } errors
        && errors.All(error => error?["field"]?.GetValue<string>().Length > 0 && error["expected"]?.GetValue<string>().Length > 0);

    private static string? Misfit(Schemas schemas, Asked asked, Answered answer)
    {
        var told = asked.Operation["responses"]!.AsObject();
        var described = (told[$"{answer.Status}"] ?? told["200"] ?? told["204"])!["content"]?["application/json"]?["schema"];
        if (described is null || answer.Type != "application/json")
        {
            return described is not null && answer.Text.Length > 0 ? $"is {answer.Type}, and not JSON" : null;
        }

        return schemas.Misfit(described, JsonNode.Parse(answer.Text));
    }
}
