using Fury.Agent.Wire;
using Fury.Kernel;

namespace Fury.Hosting.Tests;

/// <summary>How agents and the platform know each other.</summary>
public sealed class AgentKeyTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000);
    private static readonly SignedRequest Request = new("POST", "/api/v1/agents/reports?a=b", "body"u8.ToArray());

    private readonly string _folder = Directory.CreateTempSubdirectory("fury-key-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_key_of_ones_own_is_made_once_for_its_owner_only()
    {
        var secret = new AgentKey(null, new FolderNode(_folder)).SecretOf("lot-1");

        Assert.Equal(secret, new AgentKey("", new FolderNode(_folder)).SecretOf("lot-1"));
        Assert.NotEqual(secret, new AgentKey(null, new FolderNode(_folder)).SecretOf("lot-2"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "agent.key")));
        Assert.Matches("^[0-9a-f]{64}$", secret);
    }

    [Fact]
    public void A_key_that_is_given_is_the_same_for_every_host_and_must_be_a_secret()
    {
        var file = Path.Combine(_folder, "given");
        Assert.Contains("does not exist", Refused(file), StringComparison.Ordinal);
        File.WriteAllText(file, new string('k', 31));
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        Assert.Contains("at least 32 characters", Refused(file), StringComparison.Ordinal);
        File.Delete(file);
        File.WriteAllText(file, new string('k', 32) + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("0600", Refused(file), StringComparison.Ordinal);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);

        Assert.Equal(
            new AgentKey(file, new FolderNode(Path.Combine(_folder, "one"))).SecretOf("lot"),
            new AgentKey(file, new FolderNode(Path.Combine(_folder, "two"))).SecretOf("lot"));
    }

    [Fact]
    public void A_signature_is_of_one_request_one_lot_and_one_minute()
    {
        const string Secret = "the secret of the lot";
        var header = AgentSignature.Of(Secret, "lot-1", Request, Now).ToString();
        Assert.DoesNotContain(Secret, header, StringComparison.Ordinal);

        Assert.Null(Problem(header, Request, Now));
        Assert.Null(Problem(header, Request, Now + TimeSpan.FromSeconds(60)));
        Assert.Null(Problem(header, Request, Now - TimeSpan.FromSeconds(60)));
        (string? Header, SignedRequest Request, DateTimeOffset Now)[] bad =
        [
            (null, Request, Now),
            ("", Request, Now),
            ("lot=lot-1;at=1;hmac=zz", Request, Now),
            (header + " ", Request, Now),
            (header.ToUpperInvariant(), Request, Now),
            (header, Request, Now + TimeSpan.FromSeconds(61)),
            (header, Request, Now - TimeSpan.FromSeconds(61)),
            (header, Request with { Method = "GET" }, Now),
            (header, Request with { Target = "/api/v1/agents/reports?a=c" }, Now),
            (header, Request with { Body = "Body"u8.ToArray() }, Now),
            (header.Replace("lot-1", "lot-2", StringComparison.Ordinal), Request, Now),
            (AgentSignature.Of("another", "lot-1", Request, Now).ToString(), Request, Now),
            ((AgentSignature.Parse(header)! with { At = Now.ToUnixTimeSeconds() + 1 }).ToString(), Request, Now),
        ];
        Assert.All(bad, one => Assert.Equal(FaultKind.Unauthenticated, Problem(one.Header, one.Request, one.Now)?.Kind));

        static Fault? Problem(string? header, SignedRequest request, DateTimeOffset now) =>
            AgentSignature.Problem(header, lot => lot == "lot-1" ? Secret : null, request, now);
    }

    private string Refused(string file) =>
        Assert.Throws<InvalidOperationException>(() => new AgentKey(file, new FolderNode(_folder)).SecretOf("lot")).Message;

    private sealed record FolderNode(string DataFolder) : INode
    {
        public string Name => "test";

        public Guid Incarnation => Guid.Empty;
    }
}
