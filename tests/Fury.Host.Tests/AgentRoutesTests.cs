using System.Net;
using System.Text;
using System.Text.Json;
using Fury.Agent.Wire;
using Fury.Kernel;

namespace Fury.Host.Tests;

/// <summary>A host that wants to be told who calls, and has a key that the test knows.</summary>
public sealed class HostWithAgents() : RunningHost("--Fury:Auth:Token", GuardedHost.Token, "--Fury:Standard:AgentKeyFile", KeyFile.Value)
{
    private const string Key = "fedcba9876543210fedcba9876543210";

    private static readonly Lazy<string> KeyFile = new(() =>
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("fury-agent-key-").FullName, "key");
        File.WriteAllText(file, Key);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
        }

        return file;
    });

    internal static string SecretOf(string lot) => LotSecret.Of(Encoding.UTF8.GetBytes(Key), lot);
}

/// <summary>Agents prove who they are by their lot's secret, users by the API's token; neither opens the other's routes.</summary>
public sealed class AgentRoutesTests(HostWithAgents host) : IClassFixture<HostWithAgents>
{
    private static readonly AgentReport Report = new(
        "lot-1", "i-1", Guid.CreateVersion7(DateTimeOffset.UnixEpoch), 1, DateTimeOffset.UnixEpoch, new(AgentPhase.Healthy, null, 0, null), null);

    [Fact]
    public async Task A_report_is_taken_by_its_signature_and_by_nothing_else()
    {
        Assert.Equal(HttpStatusCode.NoContent, await Tell(HostWithAgents.SecretOf("lot-1"), token: null));
        Assert.Equal(HttpStatusCode.Unauthorized, await Tell(HostWithAgents.SecretOf("lot-2"), token: null));
        Assert.Equal(HttpStatusCode.Unauthorized, await Tell(secret: null, GuardedHost.Token));
    }

    [Fact]
    public async Task A_signature_opens_nothing_of_the_api()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Client.BaseAddress!, "api/v1/applications"));
        AgentSignature.Add(request, HostWithAgents.SecretOf("lot-1"), "lot-1", default, TimeProvider.System.GetUtcNow());
        using var answer = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private async Task<HttpStatusCode> Tell(string? secret, string? token)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(Report, FuryJson.Options);
        using var request = new HttpRequestMessage(HttpMethod.Post, AgentPaths.At(host.Client.BaseAddress!, AgentPaths.Reports));
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        if (secret is not null)
        {
            AgentSignature.Add(request, secret, "lot-1", body, TimeProvider.System.GetUtcNow());
        }

        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        using var answer = await host.Client.SendAsync(request);
        return answer.StatusCode;
    }
}
