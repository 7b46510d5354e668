namespace Fury.LittleMonster.Tests.Simulation;

/// <summary>How bad the network is. All probabilities are per call.</summary>
internal sealed record Weather(double Lost, double Late, TimeSpan DelayMax)
{
    public static Weather Fair { get; } = new(0, 0, TimeSpan.FromMilliseconds(2));
}

/// <summary>The server as the network sees it: up or not, and whoever listens to it.</summary>
internal sealed class SimulatedServer(Simulator simulator, SimulatedPostgres database)
{
    private readonly HashSet<Listening> _listeners = [];

    public SimulatedPostgres Database => database;

    public bool IsUp { get; private set; } = true;

    /// <summary>Counts its lives: connections to an earlier one are gone.</summary>
    public int Life { get; private set; }

    public void Stop()
    {
        (IsUp, Life) = (false, Life + 1);
        foreach (var listening in _listeners.ToArray())
        {
            listening.Break();
        }
    }

    public void Start()
    {
        IsUp = true;
        database.Restart();
    }

    public void Notify(string channel, string payload)
    {
        foreach (var listening in _listeners)
        {
            if (listening.Channels.Contains(channel))
            {
                simulator.After(simulator.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(5)), () => listening.Hear(channel, payload));
            }
        }
    }

    public Listening Listen(SimulatedProcess process, IReadOnlyList<string> channels, Action<string, string> heard)
    {
        var listening = new Listening(process, channels, heard, _listeners);
        _listeners.Add(listening);
        return listening;
    }

    internal sealed class Listening(
        SimulatedProcess process, IReadOnlyList<string> channels, Action<string, string> heard, HashSet<Listening> all)
    {
        private readonly TaskCompletionSource _broken = new();

        public IReadOnlyList<string> Channels => channels;

        public Task Broken => _broken.Task;

        public void Break()
        {
            if (all.Remove(this))
            {
                _broken.TrySetException(new IOException("The connection that listens broke."));
            }
        }

        public void Hear(string channel, string payload)
        {
            if (!process.IsAlive)
            {
                all.Remove(this);
            }
            else if (all.Contains(this))
            {
                process.Post(() => heard(channel, payload));
            }
        }
    }
}

/// <summary>
/// The way from one process to PostgreSQL. A request can be lost, its answer can be lost, and it can be done long after its caller gave up.
/// Nothing is done twice, for nobody sends it twice.
/// </summary>
internal sealed class SimulatedWire(Simulator simulator, SimulatedServer server, SimulatedProcess process) : IWire
{
    private static readonly TimeSpan LateMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RefusalTime = TimeSpan.FromMilliseconds(1);

    public Weather Weather { get; set; } = Weather.Fair;

    /// <summary>Nothing gets through, and nobody is told.</summary>
    public bool IsCut { get; set; }

    public int Losses { get; private set; }

    public Task<T> Call<T>(TimeSpan timeout, Func<T> work, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellation);
        }

        var answer = new Answer<T>(cancellation);
        var (weather, life) = (Weather, server.Life);
        var (there, back) = (Delay(weather), Delay(weather));
        if (!server.IsUp)
        {
            simulator.After(RefusalTime, () => answer.Broken("The server does not answer."));
            return answer.Task;
        }

        var late = IsCut || simulator.Happens(weather.Late);
        var (lostThere, lostBack) = (IsCut ? simulator.Happens(0.9) : simulator.Happens(weather.Lost), simulator.Happens(weather.Lost));
        if (late)
        {
            Losses++;
            // The way back breaks at once, or nobody says anything until the caller's patience is over; the request is on its way all the same.
            there = simulator.Between(TimeSpan.Zero, simulator.Pick([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), LateMax]));
            var patience = simulator.Happens(0.2) ? timeout : simulator.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1));
            simulator.After(patience, () => answer.Broken("The server did not answer in time."));
        }

        if (lostThere)
        {
            Losses++;
            if (!late)
            {
                simulator.After(there + back, () => answer.Broken("The connection broke."));
            }

            return answer.Task;
        }

        simulator.After(there, () =>
        {
            if (life != server.Life)
            {
                answer.Broken("The server closed the connection.");
                return;
            }

            Exception? refusal = null;
            T? result = default;
            try
            {
                result = work();
            }
            catch (Exception exception)
            {
                refusal = exception;
            }

            simulator.After(back, () =>
            {
                if (late || lostBack || life != server.Life)
                {
                    Losses++;
                    answer.Broken("The connection broke after the request was sent.");
                }
                else if (refusal is not null)
                {
                    answer.Refused(refusal);
                }
                else
                {
                    answer.Came(result!);
                }
            });
        });
        return answer.Task;
    }

    public async Task Listen(IReadOnlyList<string> channels, Action begun, Action<string, string> heard, CancellationToken cancellation)
    {
        var listening = await Call(TimeSpan.FromSeconds(5), () => server.Listen(process, channels, heard), cancellation);
        begun();
        if (Weather.Lost > 0)
        {
            simulator.After(simulator.Between(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2)), listening.Break);
        }

        try
        {
            await listening.Broken.WaitAsync(cancellation);
        }
        finally
        {
            listening.Break();
        }
    }

    public void Notify(string channel, string payload) => server.Notify(channel, payload);

    private TimeSpan Delay(Weather weather) => simulator.Between(TimeSpan.FromMilliseconds(0.1), weather.DelayMax);

    private sealed class Answer<T>
    {
        private readonly TaskCompletionSource<T> _source = new();
        private readonly CancellationTokenRegistration _told;

        public Answer(CancellationToken cancellation) => _told = cancellation.UnsafeRegister(_ => _source.TrySetCanceled(cancellation), null);

        public Task<T> Task => _source.Task;

        public void Came(T result)
        {
            _told.Unregister();
            _source.TrySetResult(result);
        }

        public void Broken(string why) => Refused(new IOException(why));

        public void Refused(Exception exception)
        {
            _told.Unregister();
            _source.TrySetException(exception);
        }
    }
}
