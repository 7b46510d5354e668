using System.Text;
using Fury.Catalog.Contracts;
using Fury.Catalog.Releases;
using Fury.Kernel;

namespace Fury.Catalog.Tests.Releases;

public sealed class ReleaseContentTests
{
    private static readonly Scope Scope = new(
        ScopeRef.Parse("shop/production-web"), ComputeKind.Standard, Criticality.Low, WorkloadType.Web, new(250, 256), 2, 5,
        new Dictionary<string, string> { ["LEVEL"] = "scope", ["GREETING"] = "¡hola! <b>" }, "/health", 7, DateTimeOffset.UnixEpoch);

    private static readonly ApplicationVersion Version = new(
        ApplicationName.Parse("shop"), VersionName.Parse("1.4.0"), new("file:///artifacts/x", "sha256:" + new string('a', 64), "hello", ["--port", "0"]),
        new Dictionary<string, string> { ["LEVEL"] = "version", ["COLOR"] = "blue" }, DateTimeOffset.UnixEpoch);

    private const string Golden = """
        {"application":"shop","arguments":["--port","0"],"artifact":"sha256:<a>","command":"hello","compute":"standard","cpuMillis":250,
        "environment":{"COLOR":"blue","GREETING":"\u00A1hola! \u003Cb\u003E","LEVEL":"scope"},"healthPath":"/health","maxReplicas":5,
        "memoryMiB":256,"minReplicas":2,"scope":"production-web","version":"1.4.0"}
        """;

    [Fact]
    public void The_canonical_form_is_the_same_for_ever()
    {
        var content = ReleaseContent.Of(Scope, Version);

        Assert.Equal(
            Golden.ReplaceLineEndings("").Replace("<a>", new string('a', 64), StringComparison.Ordinal),
            Encoding.ASCII.GetString(content.CanonicalJson()));
        Assert.Equal("422f05765ebff59a", ReleaseContent.IdOf(content.Digest()).Value);
    }

    [Fact]
    public void What_a_replica_runs_makes_the_id_and_nothing_else_does()
    {
        var id = Id(Scope, Version);

        Assert.Equal(id, Id(Scope with { Revision = 8, CreatedAt = DateTimeOffset.MaxValue, Criticality = Criticality.High }, Version));
        Assert.Equal(id, Id(Scope with { Scaling = new([], 20, 600) }, Version));
        Assert.Equal(id, Id(Scope, Version with { Artifact = Version.Artifact with { Uri = "file:///elsewhere" } }));
        Assert.Equal(id, Id(Scope with { Environment = new Dictionary<string, string>(Scope.Environment.Reverse()) }, Version));

        string[] others =
        [
            Id(Scope with { MinReplicas = 3 }, Version),
            Id(Scope with { MaxReplicas = 6 }, Version),
            Id(Scope with { Size = new(500, 256) }, Version),
            Id(Scope with { Size = new(250, 512) }, Version),
            Id(Scope with { HealthPath = "/" }, Version),
            Id(Scope with { Compute = ComputeKind.Serverless }, Version),
            Id(Scope with { Environment = new Dictionary<string, string>() }, Version),
            Id(Scope with { Ref = ScopeRef.Parse("shop/test-web") }, Version),
            Id(Scope, Version with { Version = VersionName.Parse("1.4.1") }),
            Id(Scope, Version with { Environment = new Dictionary<string, string>() }),
            Id(Scope, Version with { Artifact = Version.Artifact with { Digest = "sha256:" + new string('b', 64) } }),
            Id(Scope, Version with { Artifact = Version.Artifact with { Command = "other" } }),
            Id(Scope, Version with { Artifact = Version.Artifact with { Arguments = ["--port0"] } }),
            Id(Scope, Version with { Artifact = Version.Artifact with { Architectures = [Architecture.Amd64] } }),
            Id(Scope, Version with { Artifact = Version.Artifact with { Architectures = [Architecture.Amd64, Architecture.Arm64] } }),
        ];
        Assert.Equal(others.Length + 1, others.Append(id).Distinct().Count());
    }

    private static string Id(Scope scope, ApplicationVersion version) => ReleaseContent.IdOf(ReleaseContent.Of(scope, version).Digest()).Value;
}
