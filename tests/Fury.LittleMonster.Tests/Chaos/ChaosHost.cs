using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Fury.Kernel;
using Fury.LittleMonster.Chaos;

namespace Fury.LittleMonster.Tests.Chaos;

/// <summary>One host of Little Monster, in processes of its own: one after the other, over the same data folder and so of the same name.</summary>
internal sealed class ChaosHost(IReadOnlyDictionary<string, string?> settings) : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Fury.LittleMonster.Chaos");
    private static readonly TimeSpan StoppedWithin = TimeSpan.FromSeconds(15);

    /// <summary>A host that finds no database ends, and whoever looks after it starts it again.</summary>
    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentDictionary<int, TaskCompletionSource<Outcome<SagaId>?>> _asked = new();
    private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _log = [];
    private readonly Lock _lock = new();
    private Process? _process;
    private Channel<string> _lines = Channel.CreateUnbounded<string>();
    private bool _wanted;
    private Task _life = Task.CompletedTask;
    private int _number;

    /// <summary>It was up once.</summary>
    public Task Up => _up.Task;

    /// <summary>How often it ended although nobody had killed it, and it had been up. Nothing gives it the right to.</summary>
    public int Collapses { get; private set; }

    /// <summary>What all its processes said.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>What Little Monster itself calls an error: a bug, even if everything came right in the end.</summary>
    public IEnumerable<string> Errors => Log.Where(line => line.Contains("fail: Fury.LittleMonster") || line.Contains("crit: "));

    public Task Start()
    {
        _wanted = true;
        _life = Live();
        return Task.CompletedTask;
    }

    /// <summary>SIGKILL. Who waits for an answer gets none.</summary>
    public Task Kill() => End(process => process.Kill());

    public Task Freeze() => Signal("STOP");

    public Task Thaw() => Signal("CONT");

    /// <summary>Asks it to start a saga. Null when it did not say what came of it; while it is frozen, nothing.</summary>
    public async Task<Outcome<SagaId>?> Ask(ChaosOrder order)
    {
        var number = Interlocked.Increment(ref _number);
        var answer = new TaskCompletionSource<Outcome<SagaId>?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[number] = answer;
        if (!_lines.Writer.TryWrite(string.Create(CultureInfo.InvariantCulture, $"{number} {JsonSerializer.Serialize(order, FuryJson.Options)}")))
        {
            answer.TrySetResult(null);
        }

        return await answer.Task;
    }

    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(StoppedWithin);
        try
        {
            await End(_ => _lines.Writer.TryComplete()).WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            await Kill();
        }
    }

    private async Task End(Action<Process> end)
    {
        lock (_lock)
        {
            _wanted = false;
            if (_process is { } process)
            {
                end(process);
            }
        }

        await _life;
    }

    /// <summary>One process after the other, for as long as it is wanted.</summary>
    private async Task Live()
    {
        while (Launch() is { } process)
        {
            var wasUp = await Answers(process);
            await process.WaitForExitAsync();
            lock (_lock)
            {
                _process = null;
                _lines.Writer.TryComplete();
                Collapses += wasUp && _wanted ? 1 : 0;
            }

            process.Dispose();
            await Task.Delay(_wanted ? RestartPause : TimeSpan.Zero);
        }
    }

    private Process? Launch()
    {
        lock (_lock)
        {
            if (!_wanted)
            {
                return null;
            }

            var start = new ProcessStartInfo(Program)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            foreach (var (name, value) in settings)
            {
                // Not as arguments: everybody can read those, and the database's password is among them.
                start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
            }

            _process = Process.Start(start)!;
            _process.ErrorDataReceived += (_, line) => Keep(line.Data);
            _process.BeginErrorReadLine();
            _lines = Channel.CreateUnbounded<string>();
            _ = Feed(_process, _lines.Reader);
            return _process;
        }
    }

    /// <summary>Beside everything else: a frozen process reads nothing, and whoever asks it, or thaws it, must not wait for that.</summary>
    private static async Task Feed(Process process, ChannelReader<string> lines)
    {
        try
        {
            await foreach (var line in lines.ReadAllAsync())
            {
                await process.StandardInput.WriteLineAsync(line);
            }

            process.StandardInput.Close();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // It has ended.
        }
    }

    /// <summary>Hands on what it says until it ends. False when it has never been up.</summary>
    private async Task<bool> Answers(Process process)
    {
        var wasUp = false;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == "up")
            {
                wasUp = true;
                _up.TrySetResult();
            }
            else if (line.Split(' ', 2) is [var number, var answer]
                && _asked.TryRemove(int.Parse(number, CultureInfo.InvariantCulture), out var asked))
            {
                asked.TrySetResult(answer.StartsWith('!') ? Fault.Conflict(answer) : (Outcome<SagaId>)SagaId.Parse(answer));
            }
        }

        foreach (var number in _asked.Keys)
        {
            if (_asked.TryRemove(number, out var asked))
            {
                asked.TrySetResult(null);
            }
        }

        return wasUp;
    }

    private async Task Signal(string signal)
    {
        int? pid;
        lock (_lock)
        {
            pid = _process?.Id;
        }

        if (pid is { } there)
        {
            using var kill = Process.Start("kill", [$"-{signal}", there.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }
    }

    private void Keep(string? line)
    {
        lock (_log)
        {
            _log.Add(line ?? "");
        }
    }
}
