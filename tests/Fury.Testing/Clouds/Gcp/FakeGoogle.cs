using System.Text.Json.Nodes;
using Fury.Providers.Clouds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Testing.Clouds.Gcp;

/// <summary>
/// Google Cloud on loopback: Compute Engine, Kubernetes Engine, the token endpoint, the exchange of foreign tokens and the metadata server. It takes only what
/// the public references say, and refuses in their words. Instances are addresses where nothing listens.
/// </summary>
public sealed class FakeGoogle : ICloudFaults, IMachines, IAsyncDisposable
{
    public const string Project = "shop-production";
    private const int ThrottleSeed = 7;

    private readonly WebApplication _app;
    private readonly GceSpeeds _speeds = new();
    private readonly FakeIdentity _identity;
    private readonly GceService _compute;
    private readonly GkeService _clusters;
    private readonly Random _chance = new(ThrottleSeed);
    private readonly string _folder = Directory.CreateTempSubdirectory("fury-google-").FullName;
    private int _lost;
    private int _throttled;

    private FakeGoogle(WebApplication app, TimeProvider clock)
    {
        (_app, _identity, _compute, _clusters) = (app, new(clock), new(_speeds, clock), new(clock));
    }

    public Uri Home { get; private set; } = null!;

    /// <summary>Of a service account whose key this cloud knows.</summary>
    public string CredentialFile => Path.Join(_folder, "service-account.json");

    /// <summary>Of workload identity federation.</summary>
    public string FederatedFile => Path.Join(_folder, "federated.json");

    /// <summary>Calls of Compute Engine and Kubernetes Engine.</summary>
    public int Calls { get; private set; }

    /// <summary>The instance of this name is made, and whoever asked for it never hears so.</summary>
    public string? LosesAnswersOf { get; set; }

    public int Made => _compute.Made;

    public double ThrottleShare { get; set; }

    public TimeSpan VisibleAfter
    {
        get => _speeds.VisibleAfter;
        set => _speeds.VisibleAfter = value;
    }

    public int? QuotaLeft
    {
        get => _compute.QuotaLeft;
        set => _compute.QuotaLeft = value;
    }

    /// <summary>True: a full quota is refused at once, as some are; false: when the creation is under way, as most are.</summary>
    public bool IsQuotaToldAtOnce
    {
        get => _compute.IsQuotaTold;
        set => _compute.IsQuotaTold = value;
    }

    public int PageMax
    {
        get => _compute.PageMax;
        set => _compute.PageMax = value;
    }

    /// <summary>Limits by <see cref="GceLimits"/>; null: none.</summary>
    public CloudTraffic? Traffic { get; set; }

    public string CreationBucket => GceLimits.Change;

    /// <summary>From the creation of an instance until it runs.</summary>
    public TimeSpan BootTakes
    {
        get => _speeds.Boot;
        set => _speeds.Boot = value;
    }

    public bool IsDown { get; set; }

    public bool IsBroken { get; set; }

    public static async Task<FakeGoogle> Start(TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeGoogle(app, clock ?? TimeProvider.System);
        app.Run(fake.Answer);
        await app.StartAsync();
        fake.Home = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/");
        var subject = Path.Join(fake._folder, "subject-token");
        await File.WriteAllTextAsync(subject, fake._identity.SubjectToken);
        await File.WriteAllTextAsync(fake.CredentialFile, fake._identity.ServiceAccount(fake.Home).ToJsonString());
        await File.WriteAllTextAsync(fake.FederatedFile, FakeIdentity.Federated(fake.Home, subject).ToJsonString());
        return fake;
    }

    public IReadOnlyList<CloudMachine> Machines() => _compute.Machines();

    public void Room(string zone, int instances) => _compute.Room(zone, instances);

    public void LoseAnswers(int creations) => Volatile.Write(ref _lost, creations);

    public void Kill(string id) => _compute.Kill(Place(id).Zone, Place(id).Name);

    public void TakeBack(string id) => _compute.TakeBack(Place(id).Zone, Place(id).Name);

    public void ExpireCredentials() => _identity.Expire();

    public void RevokeCredentials()
    {
        _identity.IsRevoked = true;
        _identity.Expire();
    }

    /// <summary>How often a token was given, by kind: <c>jwt</c>, a signature; <c>exchange</c>, a foreign token; <c>metadata</c>, a machine.</summary>
    public int TokensGiven(string kind) => _identity.Given.GetValueOrDefault(kind);

    /// <summary>The instance as its creation was asked for, and its state; null when it is not there.</summary>
    public JsonObject? Instance(string id) => _compute.Find(Place(id).Zone, Place(id).Name, Home);

    /// <summary>True: cluster upgrades that are under way stay so.</summary>
    public bool HoldsUpgrades
    {
        get => _clusters.IsHolding;
        set => _clusters.IsHolding = value;
    }

    /// <summary>How long an instance takes to be gone, once that was asked for.</summary>
    public TimeSpan StopTakes
    {
        get => _speeds.Stop;
        set => _speeds.Stop = value;
    }

    /// <summary>The next cluster upgrade fails so.</summary>
    public void FailNextUpgrade(string message) => _clusters.NextError = message;

    public void AddCluster(string location, string name, string version) => _clusters.Add(location, name, version);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _identity.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static (string Zone, string Name) Place(string id) =>
        CloudId.Parse(id)!.Own.Split('/') is [var zone, var name] ? (zone, name) : throw new FormatException(id);

    private async Task Answer(HttpContext context)
    {
        if (IsDown)
        {
            context.Abort();
            return;
        }

        if (await _identity.Answer(context, Home) is { } token)
        {
            await Write(context, token.Code, token.Body);
            return;
        }

        try
        {
            Calls++;
            _identity.Check(context.Request);
            CheckHealth();
            await Enter(context);
            var answer = await Routes.Call(context.Request, _compute, _clusters, Home);
            var isLost = LosesAnswersOf is not null && $"{answer["targetLink"]}".EndsWith($"/{LosesAnswersOf}", StringComparison.Ordinal);
            if (HttpMethods.IsPost(context.Request.Method) && (isLost || Interlocked.Decrement(ref _lost) >= 0))
            {
                context.Abort();
                return;
            }

            await Write(context, 200, answer);
        }
        catch (GoogleError refused)
        {
            await Write(context, refused.Code, refused.Body());
        }
    }

    private void CheckHealth()
    {
        if (IsBroken)
        {
            throw GoogleError.Broken();
        }

        lock (_chance)
        {
            if (ThrottleShare > 0 && _chance.NextDouble() < ThrottleShare)
            {
                throw GoogleError.TooOften(_throttled++ % 2 == 0);
            }
        }
    }

    private async Task Enter(HttpContext context)
    {
        var isWrite = !HttpMethods.IsGet(context.Request.Method);
        if (Traffic is { } traffic && !await traffic.Enter(isWrite, GceLimits.Of(context.Request), context.RequestAborted))
        {
            throw GoogleError.TooOften(isOldWay: true);
        }
    }

    private static async Task Write(HttpContext context, int code, JsonObject body)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json; charset=UTF-8";
        await context.Response.WriteAsync(body.ToJsonString());
    }
}
