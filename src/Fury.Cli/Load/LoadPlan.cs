namespace Fury.Cli.Load;

/// <summary>When the next request is sent.</summary>
internal enum LoadLoop
{
    /// <summary>By the clock: a slow answer holds up no other, and waiting for a free connection counts as latency.</summary>
    Open,

    /// <summary>As soon as the answer before has come.</summary>
    Closed,
}

/// <summary>What is asked of the load generator.</summary>
/// <param name="Target">An http address. A <c>localhost</c> or <c>*.localhost</c> name is reached at 127.0.0.1 without DNS.</param>
internal sealed record LoadPlan(Uri Target)
{
    public LoadLoop Loop { get; init; } = LoadLoop.Open;

    /// <summary>Requests per second of the open loop.</summary>
    public double Rate { get; init; } = 500;

    /// <summary>How long requests are sent; the last ones may end later.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many keep-alive connections, and so requests at a time.</summary>
    public int Connections { get; init; } = 32;

    /// <summary>Null: the host of <see cref="Target"/>.</summary>
    public string? HostHeader { get; init; }

    /// <summary>Null: <see cref="Target"/> as it is.</summary>
    public LatencyMix? Mix { get; init; }

    /// <summary>A request without a complete answer by then has failed.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
