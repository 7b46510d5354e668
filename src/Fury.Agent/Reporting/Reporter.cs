using System.Net.Http.Headers;
using System.Text.Json;
using Fury.Agent.Wire;
using Fury.Kernel;
using Fury.Processes;

namespace Fury.Agent;

/// <summary>
/// Tells the platform what the application does and uses: at each change, and else each 20 to 30 s. Only the newest counts, so what could not be told is not
/// kept: the next attempt tells what is so then.
/// </summary>
internal sealed class Reporter(
    AgentConfig config, HttpClient http, Identity identity, Usage usage, Random chance, TimeProvider clock, ILogger<Reporter> log) : BackgroundService
{
    /// <summary>The longest between two reports, see <see cref="Spread"/>. The platform takes what is older than three of them for unknown.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    /// <summary>For the last word of an agent that ends.</summary>
    private static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly Guid _boot = Guid.CreateVersion7(clock.GetUtcNow());
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AgentStatus _status = new(AgentPhase.Fetching, null, 0, null);
    private long _sequence;

    public AgentStatus Status
    {
        get
        {
            lock (_lock)
            {
                return _status;
            }
        }

        set
        {
            lock (_lock)
            {
                _status = value with { Notice = _status.Notice };
            }
        }
    }

    /// <summary>The cloud has said something; that is told at once.</summary>
    public void Noticed(LossNotice notice)
    {
        lock (_lock)
        {
            _status = _status with { Notice = notice };
        }

        log.LogWarning("The cloud announces: {Kind}, the instance is lost at {LossAt}.", notice.Kind, notice.LossAt);
        Tell();
    }

    /// <summary>Returns at once.</summary>
    public void Tell()
    {
        lock (_lock)
        {
            if (_told.Task.IsCompleted)
            {
                _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            _wanted.TrySetResult();
        }
    }

    /// <summary>Waits until all is told, for a moment.</summary>
    public async Task Flush(CancellationToken cancellation)
    {
        Task told;
        lock (_lock)
        {
            told = _told.Task;
        }

        await told.WaitAsync(FlushMax, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Two thirds of it to all of it: agents that began together, or found the platform away together, do not go on asking together.
    /// </summary>
    internal static TimeSpan Spread(TimeSpan pause, Random chance) => pause * ((2 + chance.NextDouble()) / 3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var id = await identity.Id(stoppingToken);
            var failures = 0;
            while (true)
            {
                AgentStatus status;
                lock (_lock)
                {
                    status = _status;
                    _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                failures = await Send(id, status, stoppingToken) ? 0 : failures + 1;
                await Next(failures, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The agent ends.
        }
    }

    /// <summary>Waits for what is new, or for the heartbeat. After a failure what is new does not come sooner, but for the first time.</summary>
    private async Task Next(int failures, CancellationToken cancellation)
    {
        Task wanted;
        lock (_lock)
        {
            wanted = _wanted.Task;
            if (failures == 0 && !wanted.IsCompleted)
            {
                _told.TrySetResult();
            }
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (failures == 0)
        {
            await Task.WhenAny(wanted, Task.Delay(Spread(Heartbeat, chance), clock, done.Token));
            await done.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
            return;
        }

        await Task.Delay(Spread(Backoff.After(failures, RetryFirst, RetryMax), chance), clock, cancellation);
    }

    /// <summary>True when the platform has it, or will never take it.</summary>
    private async Task<bool> Send(string id, AgentStatus status, CancellationToken cancellation)
    {
        using var slow = new CancellationTokenSource(AnswerMax, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, slow.Token);
        try
        {
            var now = clock.GetUtcNow();
            var report = new AgentReport(config.Lot, id, _boot, ++_sequence, now, status, usage.Now()) { AgentVersion = OwnVersion.Text };
            var body = JsonSerializer.SerializeToUtf8Bytes(report, FuryJson.Options);
            using var request = new HttpRequestMessage(HttpMethod.Post, AgentPaths.At(config.Platform, AgentPaths.Reports));
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            AgentSignature.Add(request, config.Secret, config.Lot, body, now);
            using var answer = await http.SendAsync(request, ends.Token);
            var code = (int)answer.StatusCode;
            if (code is >= 400 and not 408 and not 429 and < 500)
            {
                log.LogWarning("The platform does not take the report: it answers {Status}. It is told again with the next change or report.", code);
            }

            return code is < 500 and not 408 and not 429;
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            log.LogWarning("The platform could not be told and will be: {Reason}", failed.Message);
            return false;
        }
    }
}
