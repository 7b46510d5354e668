using Fury.Kernel;
using Fury.Testing.Clouds.Azure;

namespace Fury.Providers.Azure.Tests.Wire;

public sealed class CredentialTests : IAsyncLifetime
{
    private FakeAzure _azure = null!;

    public async Task InitializeAsync() => _azure = await FakeAzure.Start();

    public async Task DisposeAsync() => await _azure.DisposeAsync();

    [Fact]
    public async Task An_application_asks_for_a_token_once_and_anew_when_it_is_not_taken()
    {
        var file = AzureUnderTest.SecretFile(FakeAzure.Secret);
        await using var services = AzureUnderTest.Services(_azure, AzureUnderTest.Settings(_azure, file));

        var first = await services.Instances().ListByTag("test", "none", default);
        var second = await services.Instances().ListByTag("test", "none", default);
        var before = _azure.TokensGiven;
        _azure.ExpireCredentials();
        var third = await services.Instances().ListByTag("test", "none", default);
        File.Delete(file);

        Assert.True(first.IsOk && second.IsOk && third.IsOk, first.Fault?.ToString());
        Assert.Equal((1, 2), (before, _azure.TokensGiven));
    }

    [Fact]
    public async Task A_secret_that_is_not_right_is_told_by_its_code_and_not_printed()
    {
        var file = AzureUnderTest.SecretFile("not-the-secret");
        await using var services = AzureUnderTest.Services(_azure, AzureUnderTest.Settings(_azure, file));

        var fault = (await services.Instances().ListByTag("test", "none", default)).Fault;
        File.Delete(file);

        Assert.Equal(FaultKind.Unauthenticated, fault?.Kind);
        Assert.Contains("AADSTS7000215", fault!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-secret", $"{fault}{fault.Detail}", StringComparison.Ordinal);
    }

    /// <summary>The only test that sets the variable: it holds for the process.</summary>
    [Fact]
    public async Task Without_an_application_the_machine_is_asked()
    {
        Environment.SetEnvironmentVariable("AZURE_POD_IDENTITY_AUTHORITY_HOST", _azure.Home.AbsoluteUri.TrimEnd('/'));
        await using var services = AzureUnderTest.Services(_azure, AzureUnderTest.Settings(_azure, secretFile: null));

        var listed = await services.Instances().ListByTag("test", "none", default);

        Assert.True(listed.IsOk, $"{listed.Fault} {listed.Fault?.Detail}");
    }
}
