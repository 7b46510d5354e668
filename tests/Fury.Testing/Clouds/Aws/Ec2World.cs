namespace Fury.Testing.Aws;

/// <summary>An instance of the fake. Its state is a matter of its times.</summary>
internal sealed record Ec2Instance(
    string Id,
    string Reservation,
    string Region,
    string Zone,
    string Type,
    string Image,
    string Token,
    bool IsSpot,
    string Address,
    string UserData,
    IReadOnlyDictionary<string, string> Tags,
    DateTimeOffset Made)
{
    /// <summary>When its end began; null while it has not.</summary>
    public DateTimeOffset? Ending { get; set; }

    public string? ReasonCode { get; set; }

    public string? Reason { get; set; }
}

/// <summary>What the fake's regions are made of and hold. Locked by whoever uses it.</summary>
internal sealed class Ec2World(TimeProvider clock)
{
    public static readonly IReadOnlyList<string> Regions = ["eu-west-1", "us-east-1", "us-west-2"];

    /// <summary>Types: architecture, virtual CPUs, MiB, usage classes, letters of the zones that offer it, spot dollars in the first of these.</summary>
    public static readonly IReadOnlyList<Ec2Type> Types =
    [
        new("m7i.2xlarge", "x86_64", 8, 32768, ["on-demand", "spot"], "ab", 0.16m),
        new("m7i.large", "x86_64", 2, 8192, ["on-demand", "spot"], "abc", 0.04m),
        new("m7i.xlarge", "x86_64", 4, 16384, ["on-demand", "spot"], "abc", 0.08m),
        new("m7g.medium", "arm64", 1, 4096, ["on-demand", "spot"], "abc", 0.01m),
        new("m7g.large", "arm64", 2, 8192, ["on-demand"], "bc", 0m),
        new("m6i.large", "x86_64", 2, 8192, ["spot", "on-demand"], "abc", 0.035m),
        new("m6i.32xlarge", "x86_64", 128, 524288, ["on-demand"], "c", 0m),
        new("p5.48xlarge", "x86_64", 192, 2097152, ["capacity-block"], "a", 0m),
        new("t3.micro", "x86_64", 2, 1024, ["on-demand", "spot"], "abc", 0.003m),
    ];

    public static readonly TimeSpan End = TimeSpan.FromMilliseconds(80);

    public TimeSpan Boot { get; set; } = TimeSpan.FromMilliseconds(80);

    public List<Ec2Instance> Instances { get; } = [];

    /// <summary>By region, token, and the zone where the request named one: a token is known within that.</summary>
    public Dictionary<(string Region, string Token, string? Zone), (string Fingerprint, string Reservation)> Tokens { get; } = [];

    public Dictionary<string, int> Room { get; } = [];

    public int? QuotaLeft { get; set; }

    public TimeSpan VisibleAfter { get; set; }

    public Lock Lock { get; } = new();

    public DateTimeOffset Now => clock.GetUtcNow();

    public static IEnumerable<string> Zones(string region, Ec2Type type) => type.Zones.Select(letter => region + letter);

    public (int Code, string Name) State(Ec2Instance instance) =>
        instance.Ending is { } ending ? Now < ending + End ? (32, "shutting-down") : (48, "terminated")
        : Now < instance.Made + Boot ? (0, "pending")
        : (16, "running");

    public bool IsSeen(Ec2Instance instance) => Now >= instance.Made + VisibleAfter;

    /// <summary>By its own id, or behind its region.</summary>
    public Ec2Instance One(string id) => Instances.Single(instance => instance.Id == id[(id.LastIndexOf('/') + 1)..]);

    public void Finish(string id, string code, string reason)
    {
        lock (Lock)
        {
            var one = One(id);
            (one.Ending, one.ReasonCode, one.Reason) = (Now, code, reason);
        }
    }
}

internal sealed record Ec2Type(string Name, string Architecture, int Cpus, int MemoryMiB, string[] Classes, string Zones, decimal Spot);
