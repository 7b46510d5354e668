using System.Collections.Concurrent;
using Dapper;
using Fury.Compute.Contracts;
using Fury.Compute.Standard.Health;
using Fury.Kernel;
using Fury.LittleMonster;
using Fury.Providers.Aws;
using Fury.Providers.Clouds;
using Fury.Providers.Contracts;
using Fury.Providers.Gcp;
using Fury.Testing;
using Fury.Testing.Clouds.Gcp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fury.Compute.Standard.Tests.Clouds;

/// <summary>
/// The engine as it runs in the host, on a real database, over the real providers of two clouds, and these before strict ones of this process. What runs in an
/// instance is told here and not run.
/// </summary>
public sealed class CloudsHost : TestDatabase, IAsyncLifetime
{
    public const string Area = "americas";
    public const string GoogleRegion = "europe-west1";

    private readonly Dictionary<string, string?> _settings = [];

    public CloudsHost()
        : base(new LittleMonsterModule(), new StandardModule())
    {
    }

    internal FakeAws Aws { get; private set; } = null!;

    internal FakeGoogle Google { get; private set; } = null!;

    public IComputeEngine Engine => Get<IComputeEngine>();

    /// <summary>Addresses of instances that run and never answer a health check.</summary>
    public ConcurrentDictionary<string, bool> Sick { get; } = new();

    /// <summary>True: every instance that is looked at for the first time is sick.</summary>
    public bool NewOnesAreSick { get; set; }

    async Task IAsyncLifetime.InitializeAsync()
    {
        (Aws, Google) = (await FakeAws.Start(), await FakeGoogle.Start());
        var user = Aws.User("fury");
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", user.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", user.Secret);
        Set("Fury:Aws:Regions:0", "us-east-1", "Fury:Aws:Endpoints:Ec2", $"{Aws.Address}", "Fury:Aws:Endpoints:Eks", $"{Aws.Address}");
        Set("Fury:Aws:Endpoints:Sts", $"{Aws.Address}", "Fury:Aws:ImageIds:us-east-1:Amd64", FakeAws.ImageAmd64);
        Set("Fury:Aws:ImageIds:us-east-1:Arm64", FakeAws.ImageArm64, "Fury:Aws:InstanceTypes:0", "m7i.*");
        Set("Fury:Aws:SecurityGroupIds:us-east-1:0", FakeAws.SecurityGroup);
        foreach (var kind in new[] { "run", "terminate", "describe" })
        {
            Set($"Fury:Aws:Rates:{kind}:PerSecond", "1000", $"Fury:Aws:Rates:{kind}:Burst", "1000");
        }

        Set("Fury:Gcp:Project", FakeGoogle.Project, "Fury:Gcp:Regions:0", GoogleRegion, "Fury:Gcp:Endpoint", $"{Google.Home}");
        Set("Fury:Gcp:ContainerEndpoint", $"{Google.Home}", "Fury:Gcp:CredentialFile", Google.CredentialFile);
        Set("Fury:Gcp:CallsPerSecond", "1000", "Fury:Gcp:CallsBurst", "10000", "Fury:Gcp:MachineTypes:0", "n2-*");
        Set($"Fury:Standard:Areas:{Area}:0", "aws/us-east-1", $"Fury:Standard:Areas:{Area}:1", $"gcp/{GoogleRegion}");
        Set("Fury:Standard:StartPatience", "00:00:15", "Fury:Standard:SweepPeriod", "00:00:02");
        await InitializeAsync();
        await StartHosted();
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await Aws.DisposeAsync();
        await Google.DisposeAsync();
    }

    /// <summary>What the clouds run of the pool, by what they say themselves when nothing hinders them.</summary>
    public async Task<IReadOnlyList<ProviderInstance>> Running(PoolId pool)
    {
        var all = new List<ProviderInstance>();
        foreach (var provider in Services.GetServices<IInstanceProvider>())
        {
            var listed = await provider.ListByTag("fury-pool", pool.ToString(), default);
            Assert.True(listed.IsOk, listed.Fault?.ToString());
            all.AddRange(listed.Value.Where(one => one.State is ProviderInstanceState.Pending or ProviderInstanceState.Running));
        }

        return all;
    }

    /// <summary>What was found out about places is found out anew.</summary>
    public async Task ForgetOutages()
    {
        await using var connection = await Database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("delete from standard.outage");
    }

    protected override void Configure(IServiceCollection services)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(_settings).Build();
        services.AddSingleton<IAgents, FakeAgents>();
        services.AddAwsProvider(settings);
        services.AddGcpProvider(settings);
        services.AddOptions<StandardOptions>().Bind(settings.GetSection("Fury:Standard"));
        services.AddSingleton<IHealthProbe>(new Probe(this));
    }

    private void Set(params string[] pairs)
    {
        foreach (var pair in pairs.Chunk(2))
        {
            _settings[pair[0]] = pair[1];
        }
    }

    private sealed class Probe(CloudsHost host) : IHealthProbe
    {
        private readonly ConcurrentDictionary<string, bool> _known = new();

        public Task<string?> Ask(string address, int port, string path, CancellationToken cancellation)
        {
            if (_known.TryAdd(address, true) && host.NewOnesAreSick)
            {
                host.Sick[address] = true;
            }

            return Task.FromResult(host.Sick.ContainsKey(address) ? "It is sick." : null);
        }
    }
}
