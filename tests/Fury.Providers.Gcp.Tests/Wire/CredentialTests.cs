using System.Text.Json.Nodes;
using Fury.Kernel;
using Fury.Testing.Clouds.Gcp;

namespace Fury.Providers.Gcp.Tests.Wire;

public sealed class CredentialTests : IAsyncLifetime
{
    private FakeGoogle _google = null!;

    public async Task InitializeAsync() => _google = await FakeGoogle.Start();

    public async Task DisposeAsync() => await _google.DisposeAsync();

    [Fact]
    public async Task A_service_account_signs_for_its_token_once() => await Works(_google.CredentialFile, "jwt");

    [Fact]
    public async Task A_foreign_token_is_exchanged_once() => await Works(_google.FederatedFile, "exchange");

    /// <summary>The only test that asks for the default credentials: the library remembers for a process what it found.</summary>
    [Fact]
    public async Task Without_a_file_the_metadata_server_is_asked()
    {
        Environment.SetEnvironmentVariable("GOOGLE_APPLICATION_CREDENTIALS", null);
        Environment.SetEnvironmentVariable("CLOUDSDK_CONFIG", "/nowhere");
        Environment.SetEnvironmentVariable("GCE_METADATA_HOST", _google.Home.Authority);

        await Works(null, "metadata");
    }

    [Fact]
    public async Task A_key_that_google_does_not_know_is_told_as_that_and_not_printed()
    {
        await using var other = await FakeGoogle.Start();
        var settings = GcpUnderTest.Settings(_google);
        settings["Fury:Gcp:CredentialFile"] = other.CredentialFile;
        settings["Fury:Gcp:TokenEndpoint"] = new Uri(_google.Home, "token").AbsoluteUri;
        await using var services = GcpUnderTest.Services(settings);

        var fault = (await services.Instances().Types("europe-west1", default)).Fault;

        Assert.Equal(FaultKind.Unauthenticated, fault?.Kind);
        Assert.Contains("invalid_grant", fault!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", $"{fault}{fault.Detail}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"type":"secret_thing"}""")]
    [InlineData("""{"type":"service_account","client_email":"x","private_key":"secret"}""")]
    public async Task A_file_that_is_no_credential_is_named_and_not_quoted(string content)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, content);
        var settings = GcpUnderTest.Settings(_google);
        settings["Fury:Gcp:CredentialFile"] = file;
        await using var services = GcpUnderTest.Services(settings);

        var fault = (await services.Instances().Types("europe-west1", default)).Fault;
        File.Delete(file);

        Assert.Equal(FaultKind.Unauthenticated, fault?.Kind);
        Assert.Contains("Fury:Gcp:CredentialFile", fault!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("private_key\"", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_endpoint_that_does_not_answer_is_unavailable()
    {
        var json = JsonNode.Parse(await File.ReadAllTextAsync(_google.CredentialFile))!;
        var settings = GcpUnderTest.Settings(_google);
        settings["Fury:Gcp:TokenEndpoint"] = "http://127.0.0.1:9/token";
        await using var services = GcpUnderTest.Services(settings);

        Assert.Equal(FaultKind.Unavailable, (await services.Instances().Types("europe-west1", default)).Fault?.Kind);
        Assert.Equal(FakeGoogle.Project, $"{json["project_id"]}");
    }

    private async Task Works(string? file, string kind)
    {
        var settings = GcpUnderTest.Settings(_google);
        settings["Fury:Gcp:CredentialFile"] = file;
        await using var services = GcpUnderTest.Services(settings);

        var types = await services.Instances().Types("europe-west1", default);
        var none = await services.Instances().ListByTag("test", "none", default);
        _google.ExpireCredentials();
        var again = await services.Instances().ListByTag("test", "none", default);

        Assert.True(types.IsOk, types.Fault?.ToString());
        Assert.True(none.IsOk && again.IsOk, again.Fault?.ToString());
        Assert.Equal(2, _google.TokensGiven(kind));
    }
}
