using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Fury.Kernel;
using Fury.LittleMonster.Chaos;

namespace Fury.LittleMonster.Tests.Chaos;

/// <summary>One host of Little Monster, in processes of its own: one after the other, over the same data folder and so of the same name.</summary>
internal sealed class ChaosHost(IReadOnlyDictionary<string, string?> settings) : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Fury.LittleMonster.Chaos");
    private static readonly TimeSpan StoppedWithin = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<int, TaskCompletionSource<Outcome<SagaId>?>> _asked = new();
    private readonly StringBuilder _log = new();
    private TaskCompletionSource _up = new();
    private Process? _process;
    private Task _answers = Task.CompletedTask;
    private int _number;

    /// <summary>It has started, and the database is as its build wants it.</summary>
    public Task Up => _up.Task;

    /// <summary>What all its processes said.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public Task Start()
    {
        _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new ProcessStartInfo(Program, settings.Select(setting => $"--{setting.Key}={setting.Value}"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginErrorReadLine();
        _process = process;
        _answers = Answers(process, _up);
        return Task.CompletedTask;
    }

    /// <summary>SIGKILL. Who waits for an answer gets none.</summary>
    public async Task Kill()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        await _answers;
        _process.Dispose();
        _process = null;
    }

    public Task Freeze() => Signal("STOP");

    public Task Thaw() => Signal("CONT");

    /// <summary>Asks it to start a saga. Null when it did not say what came of it; while it is frozen, nothing.</summary>
    public async Task<Outcome<SagaId>?> Ask(ChaosOrder order)
    {
        var number = Interlocked.Increment(ref _number);
        var answer = new TaskCompletionSource<Outcome<SagaId>?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[number] = answer;
        try
        {
            // The pipe holds many lines, so this does not wait for a frozen process.
            var line = string.Create(CultureInfo.InvariantCulture, $"{number} {JsonSerializer.Serialize(order, FuryJson.Options)}");
            lock (_asked)
            {
                var input = _process?.StandardInput ?? throw new IOException("It does not run.");
                input.WriteLine(line);
                input.Flush();
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            answer.TrySetResult(null);
        }

        return await answer.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        using var deadline = new CancellationTokenSource(StoppedWithin);
        try
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }

    private async Task Answers(Process process, TaskCompletionSource up)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == "up")
            {
                up.TrySetResult();
            }
            else if (line.Split(' ', 2) is [var number, var answer]
                && _asked.TryRemove(int.Parse(number, CultureInfo.InvariantCulture), out var asked))
            {
                asked.TrySetResult(answer.StartsWith('!') ? Fault.Conflict(answer) : (Outcome<SagaId>)SagaId.Parse(answer));
            }
        }

        up.TrySetException(new InvalidOperationException($"The host has ended before it was up.{Environment.NewLine}{Log}"));
        foreach (var number in _asked.Keys)
        {
            if (_asked.TryRemove(number, out var asked))
            {
                asked.TrySetResult(null);
            }
        }
    }

    private async Task Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private void Keep(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }
}
