using System.Net;
using Fury.Testing;
using Xunit.Abstractions;

namespace Fury.Journeys.Tests;

/// <summary>Requests that meet a scope on its way to sleep: some are answered by a replica that ends, some wake it, and none is lost.</summary>
public sealed class When_a_scope_goes_to_sleep(ITestOutputHelper output)
{
    private const int Clients = 20;

    [Fact]
    public async Task No_request_that_meets_it_on_its_way_is_lost()
    {
        await using var fury = await FuryProcess.Start();
        var platform = new Platform(fury);
        await platform.CreateHello(replicas: 1);
        await platform.Register("1.0.0");
        await platform.DeployAndWait("1.0.0", "all-in");
        await platform.Scale(new { sleepAfterSeconds = 10 }, replicas: 1);
        await Platform.Until(
            TimeSpan.FromSeconds(60), () => $"It does not sleep.\n{fury.Log}", async () => (await platform.Status()).AsleepSince is not null);

        // One round after the other, until none of its processes is left and the last round has woken it.
        var rounds = 0;
        var old = fury.LiveInstances().Select(live => live.Pid).ToHashSet();
        await Platform.Until(TimeSpan.FromSeconds(60), () => $"It is not woken after {rounds} rounds.\n{fury.Log}", async () =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Ask(fury)));
            Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, "1.0.0"), answer));
            rounds++;
            return (await platform.Status()).AsleepSince is null && !fury.LiveInstances().Any(live => old.Contains(live.Pid));
        });

        output.WriteLine($"{rounds} rounds of {Clients} requests");
        await platform.AssertSettled("1.0.0");
    }

    /// <summary>The status and the version of an answer, or what it says instead.</summary>
    private static async Task<(HttpStatusCode Status, string Version)> Ask(FuryProcess fury)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, fury.Sidecar) { Headers = { Host = Platform.WebHost } };
        using var answer = await fury.Client.SendAsync(request);
        return (answer.StatusCode, answer.Headers.TryGetValues("x-version", out var values) ? values.Single() : await answer.Content.ReadAsStringAsync());
    }
}
