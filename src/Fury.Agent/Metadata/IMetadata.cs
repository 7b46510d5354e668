using Fury.Agent.Wire;

namespace Fury.Agent;

/// <summary>What a cloud tells those inside of an instance.</summary>
internal interface IMetadata
{
    /// <summary>Null when it does not answer now.</summary>
    Task<string?> InstanceId(CancellationToken cancellation);

    /// <summary>What it plans for the instance; null when nothing, or when it does not answer now.</summary>
    Task<LossNotice?> Notice(CancellationToken cancellation);
}

/// <summary>Where there is no cloud.</summary>
internal sealed class NoMetadata : IMetadata
{
    public Task<string?> InstanceId(CancellationToken cancellation) => Task.FromResult<string?>(null);

    public Task<LossNotice?> Notice(CancellationToken cancellation) => Task.FromResult<LossNotice?>(null);
}

/// <summary>Which metadata there is.</summary>
internal static class Metadata
{
    private static readonly Uri LinkLocal = new("http://169.254.169.254");

    public static IMetadata Of(AgentIdentity identity, HttpClient http, TimeProvider clock)
    {
        var calls = new MetadataCalls(http, identity.Metadata ?? LinkLocal, clock);
        return identity.Cloud switch
        {
            AgentCloud.Aws => new AwsMetadata(calls, clock),
            AgentCloud.Gcp => new GcpMetadata(calls, clock),
            AgentCloud.Azure => new AzureMetadata(calls, clock),
            _ => new NoMetadata(),
        };
    }
}

/// <summary>Calls of a metadata server: small, near and quick, or not at all.</summary>
internal sealed class MetadataCalls(HttpClient http, Uri server, TimeProvider clock)
{
    private const int AnswerCharactersMax = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The answer's text, null when it is not a good one; and its status, null when there was no answer.</summary>
    public async Task<(int? Status, string? Text)> Send(HttpMethod method, string path, (string Name, string Value) header, CancellationToken cancellation)
    {
        using var slow = new CancellationTokenSource(Patience, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, slow.Token);
        using var request = new HttpRequestMessage(method, new Uri(server, path));
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        try
        {
            using var answer = await http.SendAsync(request, ends.Token);
            var text = answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(ends.Token) : null;
            return ((int)answer.StatusCode, text is { Length: <= AnswerCharactersMax } ? text : null);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return (null, null);
        }
    }
}
