using System.Net;
using System.Net.Sockets;
using Fury.Agent.Wire;

namespace Fury.Agent;

/// <summary>Asks the application whether it can serve, over loopback where it listens on every address.</summary>
internal sealed class HealthPoll(AgentConfig config, HttpClient http, TimeProvider clock)
{
    /// <summary>While a change is near, and afterwards.</summary>
    private static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    private readonly string _home = Home(config.Address);

    /// <summary>Tells each answer until cancelled; where there is nothing to ask, tells once that it is healthy.</summary>
    /// <param name="tell">Null when it is healthy, else why not.</param>
    public async Task Run(Action<string?> tell, CancellationToken cancellation)
    {
        if (config.HealthPath is null)
        {
            tell(null);
            return;
        }

        while (true)
        {
            var whyNot = await Ask(cancellation);
            tell(whyNot);
            await Task.Delay(whyNot is null ? Steady : Fast, clock, cancellation);
        }
    }

    internal static string Home(string address) => IPAddress.Parse(address) switch
    {
        var every when every.Equals(IPAddress.Any) => $"{IPAddress.Loopback}",
        var every when every.Equals(IPAddress.IPv6Any) => $"[{IPAddress.IPv6Loopback}]",
        { AddressFamily: AddressFamily.InterNetworkV6 } one => $"[{one}]",
        var one => $"{one}",
    };

    private async Task<string?> Ask(CancellationToken cancellation)
    {
        using var slow = new CancellationTokenSource(AnswerMax, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, slow.Token);
        try
        {
            var uri = new Uri($"http://{_home}:{config.Port}{config.HealthPath}");
            using var answer = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, ends.Token);
            return answer.IsSuccessStatusCode ? null : $"{config.HealthPath} answers {(int)answer.StatusCode}.";
        }
        catch (Exception failed) when (failed is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return slow.IsCancellationRequested
                ? $"{config.HealthPath} does not answer within {AnswerMax.TotalSeconds} s."
                : $"Nothing answers on port {config.Port} yet.";
        }
    }
}
