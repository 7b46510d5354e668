using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Fury.Agent.Wire;
using Fury.Kernel;
using Fury.Providers.Contracts;

namespace Fury.Providers.Clouds;

/// <summary>Agents by their own HTTP port, asked with the signature of their lot.</summary>
/// <param name="secretOf">The secret of a lot.</param>
internal sealed class CloudAgents(AgentSettings settings, Func<string, string> secretOf, HttpClient http, TimeProvider clock) : IAgents
{
    /// <summary>Until an answer begins; how long it goes on is its caller's affair.</summary>
    private static readonly TimeSpan LogsMax = TimeSpan.FromSeconds(10);

    public int Port => settings.Port;

    public Outcome<string> UserData(InstanceRequest request, InstanceType type) => Clouds.UserData.Of(request, type, settings, secretOf);

    public async IAsyncEnumerable<InstanceLogLine> Logs(
        ProviderInstance instance, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{AgentPaths.Logs}?tail={tail}&follow={(follow ? "true" : "false")}");
        using var answer = await Begin(instance, path, cancellation);
        if (answer?.StatusCode != HttpStatusCode.OK)
        {
            yield break;
        }

        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
        while (await Line(lines, cancellation) is { } line)
        {
            yield return new(instance.Id, At: null, line);
        }
    }

    private static bool IsSilence(Exception error) => error is HttpRequestException or IOException or OperationCanceledException;

    /// <summary>Null at the end, and when the instance has gone meanwhile.</summary>
    private static async Task<string?> Line(StreamReader lines, CancellationToken cancellation)
    {
        try
        {
            return await lines.ReadLineAsync(cancellation);
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<HttpResponseMessage?> Begin(ProviderInstance instance, string path, CancellationToken cancellation)
    {
        using var slow = new CancellationTokenSource(LogsMax, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, slow.Token);
        try
        {
            return await Ask(instance, path, ends.Token);
        }
        catch (Exception silent) when (IsSilence(silent) && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Null for an instance that has no address yet, or is of no lot.</summary>
    private async Task<HttpResponseMessage?> Ask(ProviderInstance instance, string path, CancellationToken cancellation)
    {
        if (instance.Address is not { } address || !instance.Tags.TryGetValue(AgentPaths.LotTag, out var lot))
        {
            return null;
        }

        var server = new UriBuilder(Uri.UriSchemeHttp, address, settings.AgentPort).Uri;
        using var request = new HttpRequestMessage(HttpMethod.Get, AgentPaths.At(server, path));
        AgentSignature.Add(request, secretOf(lot), lot, default, clock.GetUtcNow());
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }
}
