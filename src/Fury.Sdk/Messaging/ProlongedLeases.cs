using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Messaging;

/// <summary>A message that this process holds.</summary>
internal sealed class HeldMessage(string handle, string token, DriverMessage message, string sent)
{
    /// <summary>The provider's own for this delivery.</summary>
    public string Handle { get; } = handle;

    public string Token { get; } = token;

    public DriverMessage Message { get; } = message;

    /// <summary>Ms since 1970.</summary>
    public string Sent { get; } = sent;

    public DateTimeOffset End { get; set; }

    /// <summary>When the provider gives it to another, unless it is prolonged.</summary>
    public DateTimeOffset ServerEnd { get; set; }

    public bool IsOver(DateTimeOffset now) => End <= now || ServerEnd <= now;
}

/// <summary>
/// Leases of any length over those of a provider that has one length for all: prolongs what is held, and gives back what is over. What a process held when it
/// ended is another's when the provider's own lease ends.
/// </summary>
internal sealed class ProlongedLeases : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, HeldMessage> _held = new();
    private readonly TimeProvider _clock;
    private readonly TimeSpan _server;
    private readonly Func<string, CancellationToken, ValueTask> _prolong;
    private readonly Func<string, CancellationToken, ValueTask> _giveBack;
    private readonly ITimer _timer;

    /// <summary>Whoever settles may meet another one than he has received of: then it is of no message, and never of a wrong one.</summary>
    private readonly string _name = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private long _tokens;

    /// <param name="server">The provider's own length, from each time that it is asked.</param>
    /// <param name="prolong">By a handle; ends when the provider has done it.</param>
    public ProlongedLeases(
        TimeProvider clock, TimeSpan server, Func<string, CancellationToken, ValueTask> prolong, Func<string, CancellationToken, ValueTask> giveBack)
    {
        (_clock, _server, _prolong, _giveBack) = (clock, server, prolong, giveBack);
        _timer = clock.CreateTimer(_ => _ = Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public HeldMessage Hold(string handle, DriverMessage message, string sent, TimeSpan lease)
    {
        var now = _clock.GetUtcNow();
        var token = string.Create(CultureInfo.InvariantCulture, $"{_name}.{Interlocked.Increment(ref _tokens)}");
        var held = new HeldMessage(handle, token, message, sent) { End = now + lease, ServerEnd = now + _server };
        _held[token] = held;
        Schedule();
        return held;
    }

    public HeldMessage Find(string token) =>
        _held.TryGetValue(token, out var held) && !held.IsOver(_clock.GetUtcNow()) ? held : throw Failure.LeaseLost("the message");

    public HeldMessage Take(string token) =>
        Find(token) is var held && _held.TryRemove(new KeyValuePair<string, HeldMessage>(token, held)) ? held : throw Failure.LeaseLost("the message");

    public DateTimeOffset Renew(string token, TimeSpan lease)
    {
        var end = Find(token).End = _clock.GetUtcNow() + lease;
        Schedule();
        return end;
    }

    public async Task GiveBackWhatIsOver()
    {
        var now = _clock.GetUtcNow();
        foreach (var each in _held.Where(each => each.Value.IsOver(now)))
        {
            if (_held.TryRemove(each))
            {
                await Quietly(_giveBack, each.Value.Handle);
            }
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private async Task Look()
    {
        await GiveBackWhatIsOver();
        foreach (var held in _held.Values)
        {
            var now = _clock.GetUtcNow();
            if (held.ServerEnd - now < _server * 2 / 3 && await Quietly(_prolong, held.Handle))
            {
                held.ServerEnd = now + _server;
            }
        }

        Schedule();
    }

    /// <summary>At the next end of a lease, or when the first is to be prolonged.</summary>
    private void Schedule()
    {
        if (_held.IsEmpty)
        {
            return;
        }

        var now = _clock.GetUtcNow();
        var soonest = _held.Values.Min(each => each.End) - now;
        var due = soonest < _server / 3 ? soonest : _server / 3;
        try
        {
            _timer.Change(due > TimeSpan.Zero ? due : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // Nothing more is held for anyone.
        }
    }

    private async Task<bool> Quietly(Func<string, CancellationToken, ValueTask> tell, string handle)
    {
        try
        {
            using var stop = new CancellationTokenSource(_server / 3, _clock);
            await tell(handle, stop.Token);
            return true;
        }
        catch (Exception trouble) when (trouble is FuryException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            // The provider's own lease ends anyhow.
            return false;
        }
    }
}
