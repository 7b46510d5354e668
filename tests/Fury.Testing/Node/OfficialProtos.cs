using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Fury.Testing;

/// <summary>
/// The official protos of xDS, as npm's <c>@grpc/grpc-js-xds</c> carries them, read by a program that shares no code with ours. One process of
/// Node.js serves all tests of this process, and ends with it.
/// </summary>
public static class OfficialProtos
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);

    private static readonly SemaphoreSlim Turn = new(1);
    private static readonly Lazy<Task<Process>> Reader = new(Start);

    /// <summary>
    /// A message as the official protos read it: names of fields as in the protos, 64-bit numbers as text, enums by name, bytes in base64. Each
    /// <c>Any</c> is opened, with its type in <c>@type</c>.
    /// </summary>
    /// <param name="typeName">The full name, <c>envoy.service.discovery.v3.DiscoveryResponse</c>, or a type URL.</param>
    /// <exception cref="InvalidOperationException">They can not read it; says why.</exception>
    public static Task<JsonElement> Decode(string typeName, ReadOnlyMemory<byte> message) =>
        Ask($"decode {typeName[(typeName.LastIndexOf('/') + 1)..]} {Convert.ToBase64String(message.Span)}");

    /// <summary>How many fields a message has that is written as JSON, with the names of the protos. Each of them is known, and of its type.</summary>
    /// <exception cref="InvalidOperationException">One is not; says which.</exception>
    public static async Task<int> Check(string typeName, string json) =>
        (await Ask($"check {typeName} {Convert.ToBase64String(Encoding.UTF8.GetBytes(json))}")).GetInt32();

    /// <summary>
    /// What the official protos say of a message (field → <c>repeated string = 3</c>, with <c>in X</c> for a oneof), an enum (value → number) or
    /// a service (path of the method → <c>stream A -> stream B</c>).
    /// </summary>
    /// <exception cref="InvalidOperationException">There is none of this name.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> Describe(string fullName) =>
        (await Ask($"describe {fullName}")).Deserialize<Dictionary<string, string>>()!;

    private static async Task<JsonElement> Ask(string line)
    {
        await Turn.WaitAsync();
        try
        {
            var reader = await Reader.Value;
            using var deadline = new CancellationTokenSource(AnswerWithin);
            await reader.StandardInput.WriteLineAsync(line.AsMemory(), deadline.Token);
            await reader.StandardInput.FlushAsync(deadline.Token);
            var text = await reader.StandardOutput.ReadLineAsync(deadline.Token);
            if (text is null)
            {
                throw new InvalidOperationException($"The reader of the official protos has ended: {await reader.StandardError.ReadToEndAsync()}");
            }

            using var answer = JsonDocument.Parse(text);
            return answer.RootElement.TryGetProperty("error", out var error)
                ? throw new InvalidOperationException($"The official protos: {error}")
                : answer.RootElement.GetProperty("answer").Clone();
        }
        finally
        {
            Turn.Release();
        }
    }

    private static async Task<Process> Start()
    {
        var scripts = await NodeScripts.Prepare("tests/Fury.Testing/Node/official-protos", CancellationToken.None);
        return scripts.Start("read.js");
    }
}
