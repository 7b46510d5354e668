using System.Net;
using System.Net.Http.Json;
using Fury.Kernel;

namespace Fury.LittleMonster.Chaos;

/// <summary>The world as steps see it: calls over HTTP that may be slow, be refused, or be done although nobody heard of it.</summary>
internal sealed class WorldClient(Uri world) : IDisposable
{
    /// <summary>Shorter than the world's longest delays, so that some calls are done after they were given up.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http = new() { BaseAddress = world, Timeout = AnswerWithin };

    /// <summary>The thing of this step, made now or before. Its name is the answer.</summary>
    public async Task<Outcome<string>> Make(string step, StepContext<ChaosOrder> x)
    {
        using var answer = await _http.PutAsync(Path(step, x), null, x.Cancellation);
        var text = await answer.Content.ReadAsStringAsync(x.Cancellation);
        return answer.IsSuccessStatusCode ? text : Refusal(answer.StatusCode, text);
    }

    public async Task<Outcome> Remove(string step, StepContext<ChaosOrder> x)
    {
        using var answer = await _http.DeleteAsync(Path(step, x), x.Cancellation);
        return answer.IsSuccessStatusCode
            ? Outcome.Ok
            : Refusal(answer.StatusCode, await answer.Content.ReadAsStringAsync(x.Cancellation));
    }

    public Task<bool> IsReady(string thing, CancellationToken cancellation) =>
        _http.GetFromJsonAsync<bool>($"things/{thing}/ready", cancellation);

    public void Dispose() => _http.Dispose();

    private static string Path(string step, StepContext<ChaosOrder> x) =>
        $"things/{x.Token}?step={x.Input.Thing(step)}&saga={x.Saga}&order={x.Input.Id}&fence={x.Fence}";

    private static Fault Refusal(HttpStatusCode status, string text) => status is HttpStatusCode.ServiceUnavailable
        ? Fault.Unavailable(text)
        : Fault.Conflict(text);
}
