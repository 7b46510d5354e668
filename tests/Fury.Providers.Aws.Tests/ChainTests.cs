using Amazon.Runtime;
using Fury.Kernel;
using Fury.Providers.Aws.Access;
using Fury.Testing;

namespace Fury.Providers.Aws.Tests;

/// <summary>The SDK's sources of credentials, each as a machine would have it, before a fake that checks what they give.</summary>
[Collection(AwsEnvironment.Collection)]
public sealed class ChainTests(ChainTests.OneFake fake) : IClassFixture<ChainTests.OneFake>, IAsyncLifetime, IDisposable
{
    private const string Role = "arn:aws:iam::123456789012:role/fury";

    private readonly AwsEnvironment _environment = new();

    /// <summary>One for all tests, and always the same in it: the SDK reads it once.</summary>
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), $"fury-aws-{Environment.ProcessId}");

    private FakeAws Aws => fake.Aws;

    private static string ConfigFile => Path.Combine(Folder, "config");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Folder);
        var keys = Aws.User("from-a-profile");
        await File.WriteAllTextAsync(ConfigFile, $"[profile works]\naws_access_key_id={keys.AccessKey}\naws_secret_access_key={keys.Secret}\n");
        string[] none =
        [
            "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_DISABLED", "AWS_ENDPOINT_URL",
        ];
        foreach (var name in none)
        {
            _environment.Set(name, null);
        }

        _environment.Set("AWS_EC2_METADATA_SERVICE_ENDPOINT", Aws.Address.ToString().TrimEnd('/'));
        _environment.Set("AWS_REGION", AwsUnderTest.Region);
        _environment.Set("AWS_CONFIG_FILE", ConfigFile);
        _environment.Set("AWS_SHARED_CREDENTIALS_FILE", Path.Combine(Folder, "credentials"));
    }

    public Task DisposeAsync()
    {
        Aws.HasInstanceRole = false;
        return Task.CompletedTask;
    }

    public void Dispose() => _environment.Dispose();

    [Fact]
    public async Task The_environment_is_a_source()
    {
        var keys = Aws.User("from-the-environment");
        _environment.Set("AWS_ACCESS_KEY_ID", keys.AccessKey);
        _environment.Set("AWS_SECRET_ACCESS_KEY", keys.Secret);

        Assert.Null(await Try(_ => { }));
    }

    [Fact]
    public async Task A_session_of_the_environment_that_has_ended_cannot_be_renewed()
    {
        var keys = Aws.Session("arn:aws:sts::123456789012:assumed-role/fury/short");
        _environment.Set("AWS_ACCESS_KEY_ID", keys.AccessKey);
        _environment.Set("AWS_SECRET_ACCESS_KEY", keys.Secret);
        _environment.Set("AWS_SESSION_TOKEN", keys.Token);

        Assert.Null(await Try(_ => { }));
        Aws.ExpireCredentials();
        Assert.Equal(FaultKind.Unauthenticated, (await Try(_ => { }))?.Kind);
    }

    [Fact]
    public async Task A_profile_is_a_source_and_one_that_is_missing_is_named()
    {
        Assert.Null(await Try(options => options.Profile = "works"));
        var missing = await Try(options => options.Profile = "missing");
        Assert.Equal(FaultKind.Unauthenticated, missing?.Kind);
        Assert.Contains("there is no profile 'missing'", missing?.Message, StringComparison.Ordinal);
    }

    /// <summary>The chain's own class for it is one for the process, and keeps what it has found from the tests that follow.</summary>
    [Fact]
    public async Task The_instance_that_the_host_runs_on_is_a_source()
    {
        Aws.HasInstanceRole = true;
        var source = new InstanceProfileAWSCredentials();
        using var services = AwsUnderTest.Services(AwsUnderTest.Options(Aws.Address), () => Task.FromResult<AWSCredentials>(source));
        var provider = services.Instances(new FakeAgents());

        Assert.Null((await provider.ListByTag("a", "b", default)).Fault);
        Aws.ExpireCredentials();
        Assert.Null((await provider.ListByTag("a", "b", default)).Fault);
    }

    [Fact]
    public async Task A_web_identity_is_a_source()
    {
        var file = Path.Combine(Folder, "token");
        await File.WriteAllTextAsync(file, FakeAws.WebIdentity);
        Aws.Role(Role);
        _environment.Set("AWS_WEB_IDENTITY_TOKEN_FILE", file);
        _environment.Set("AWS_ROLE_ARN", Role);
        _environment.Set("AWS_ROLE_SESSION_NAME", "fury");
        _environment.Set("AWS_ENDPOINT_URL_STS", Aws.Address.ToString());

        Assert.Null(await Try(_ => { }));
    }

    [Fact]
    public async Task A_role_is_taken_on_with_what_was_found_and_taken_on_again_when_it_ends()
    {
        var keys = Aws.User("may-take-on-the-role");
        _environment.Set("AWS_ACCESS_KEY_ID", keys.AccessKey);
        _environment.Set("AWS_SECRET_ACCESS_KEY", keys.Secret);
        Aws.Role(Role, externalId: "agreed");
        var options = AwsUnderTest.Options(Aws.Address);
        (options.RoleArn, options.ExternalId) = (Role, "agreed");
        using var services = AwsUnderTest.Services(options, AwsChain.Of(options, _ => null));
        var provider = services.Instances(new FakeAgents());

        Assert.True((await provider.ListByTag("a", "b", default)).IsOk);
        Aws.ExpireCredentials();
        Assert.True((await provider.ListByTag("a", "b", default)).IsOk);

        var refused = await Try(other => (other.RoleArn, other.ExternalId) = (Role, "wrong"));
        Assert.Equal(FaultKind.Unauthenticated, refused?.Kind);
        Assert.Contains("AccessDenied", refused?.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(keys.Secret, refused?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_none_one_is_told_where_they_are_looked_for()
    {
        var none = await Try(_ => { });

        Assert.Equal(FaultKind.Unauthenticated, none?.Kind);
        Assert.Contains("environment", none?.Message, StringComparison.Ordinal);
    }

    /// <summary>One for all tests: the SDK looks only once where the metadata service is.</summary>
    public sealed class OneFake : IAsyncLifetime
    {
        public FakeAws Aws { get; private set; } = null!;

        public async Task InitializeAsync() => Aws = await FakeAws.Start();

        public async Task DisposeAsync() => await Aws.DisposeAsync();
    }

    /// <summary>What a call is refused with; null when it is not.</summary>
    private async Task<Fault?> Try(Action<AwsOptions> set)
    {
        var options = AwsUnderTest.Options(Aws.Address);
        set(options);
        using var services = AwsUnderTest.Services(options, AwsChain.Of(options, _ => null));
        return (await services.Instances(new FakeAgents()).ListByTag("a", "b", default)).Fault;
    }
}
