using System.Text.Json.Nodes;
using Fury.Providers.Clouds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fury.Testing.Clouds.Azure;

/// <summary>
/// Azure on loopback: the Resource Manager with virtual machines, their interfaces and sizes, Entra's token endpoint and the machine's metadata service. It
/// takes only what the public references say, and refuses in their words. Instances are addresses where nothing listens.
/// </summary>
public sealed class FakeAzure : ICloudFaults, IAsyncDisposable
{
    public const string Subscription = "33333333-3333-3333-3333-333333333333";
    public const string GroupName = "Fury-Instances";
    public const string Group = $"/subscriptions/{Subscription}/resourceGroups/{GroupName}";
    public const string Tenant = AzureIdentities.Tenant;
    public const string Client = AzureIdentities.Client;
    public const string Secret = AzureIdentities.Secret;
    private const int ThrottleSeed = 7;

    private readonly WebApplication _app;
    private readonly AzureSpeeds _speeds = new();
    private readonly AzureIdentities _identities;
    private readonly AzureService _machines;
    private readonly Random _chance = new(ThrottleSeed);
    private int _lost;
    private int _throttled;
    private int _calls;

    private FakeAzure(WebApplication app, TimeProvider clock)
    {
        (_app, _identities, _machines) = (app, new(clock), new(_speeds, clock));
    }

    public Uri Home { get; private set; } = null!;

    public int Calls => Volatile.Read(ref _calls);

    public int TokensGiven => _identities.Given;

    public int Made => _machines.Made;

    public double ThrottleShare { get; set; }

    public TimeSpan VisibleAfter
    {
        get => _speeds.VisibleAfter;
        set => _speeds.VisibleAfter = value;
    }

    public int? QuotaLeft
    {
        get => _machines.QuotaLeft;
        set => _machines.QuotaLeft = value;
    }

    public int PageMax { get; set; } = 200;

    /// <summary>Limits by <see cref="AzureLimits"/>; null: none.</summary>
    public CloudTraffic? Traffic { get; set; }

    public string CreationBucket => AzureLimits.Writes;

    /// <summary>From the creation of an instance until it runs.</summary>
    public TimeSpan BootTakes
    {
        get => _speeds.Boot;
        set => _speeds.Boot = value;
    }

    public bool IsDown { get; set; }

    public bool IsBroken { get; set; }

    public static async Task<FakeAzure> Start(TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeAzure(app, clock ?? TimeProvider.System);
        app.Run(fake.Answer);
        await app.StartAsync();
        fake.Home = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/");
        return fake;
    }

    public void Room(string zone, int instances) => _machines.Room(zone, instances);

    public void LoseAnswers(int creations) => Volatile.Write(ref _lost, creations);

    public void Kill(string id) => _machines.End(CloudId.Parse(id)!.Own, "stopped", isSpot: false);

    public void TakeBack(string id) => _machines.End(CloudId.Parse(id)!.Own, "deallocated", isSpot: true);

    public void ExpireCredentials() => _identities.Expire();

    public void RevokeCredentials()
    {
        _identities.IsRevoked = true;
        _identities.Expire();
    }

    /// <summary>The instance as its creation was asked for; null when it is not there.</summary>
    public JsonObject? Instance(string id) => _machines.Asked(CloudId.Parse(id)!.Own);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        if (IsDown)
        {
            context.Abort();
            return;
        }

        if (await _identities.Answer(context.Request) is { } token)
        {
            await Write(context, token.Code, token.Body);
            return;
        }

        try
        {
            Interlocked.Increment(ref _calls);
            _identities.Check(context.Request);
            CheckHealth();
            await Enter(context);
            var (code, body) = await AzureRoutes.Call(context.Request, _machines, Home, PageMax);
            if (HttpMethods.IsPut(context.Request.Method) && Interlocked.Decrement(ref _lost) >= 0)
            {
                context.Abort();
                return;
            }

            if (code is 201 or 202)
            {
                context.Response.Headers["Azure-AsyncOperation"] = $"{Home}subscriptions/{Subscription}/providers/Microsoft.Compute/operations/0";
            }

            await Write(context, code, body);
        }
        catch (AzureError refused)
        {
            if (refused.RetryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = $"{seconds}";
            }

            await Write(context, refused.Status, refused.Body());
        }
    }

    private void CheckHealth()
    {
        if (IsBroken)
        {
            throw new AzureError(503, "ServiceUnavailable", "The service is unavailable.");
        }

        lock (_chance)
        {
            if (ThrottleShare > 0 && _chance.NextDouble() < ThrottleShare)
            {
                throw new AzureError(429, "OperationNotAllowed", "Too many requests were received for this subscription.", _throttled++ % 4 == 0 ? 1 : null);
            }
        }
    }

    private async Task Enter(HttpContext context)
    {
        var isWrite = !HttpMethods.IsGet(context.Request.Method);
        if (Traffic is { } traffic && !await traffic.Enter(isWrite, AzureLimits.Of(context.Request), context.RequestAborted))
        {
            throw new AzureError(429, "SubscriptionRequestsThrottled", "The subscription is throttled after exceeding its limits.", retryAfter: 1);
        }
    }

    private static async Task Write(HttpContext context, int code, JsonObject? body)
    {
        context.Response.StatusCode = code;
        if (body is not null)
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(body.ToJsonString());
        }
    }
}
